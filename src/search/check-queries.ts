import type { Queryable } from '../postgres/session.ts';
import type { CollectionConfig } from './collection-config.ts';
import { documentQuery } from './document-query.ts';
import { queryError } from './query-error.ts';

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[];
}

/**
 * Lets the server plan every collection's query without running it: a missing table or column is known before
 * anything is built. Call it inside the transaction that will read. Returns the planner's guess of the number of
 * documents by collection. A sync can ask the source this before it loads anything: the same tables will be in the
 * target. Errors: SEARCH_QUERY_FAILED naming collection and table; there is no quiet way to skip a configured
 * collection, so a database without its tables needs other collections configured, or the search left out
 * (`--no-search`).
 */
export async function checkQueries(
  session: Queryable,
  collections: readonly CollectionConfig[],
  schema: string,
  options: { readonly signal?: AbortSignal | undefined; readonly side: 'source' | 'target' },
): Promise<ReadonlyMap<string, number>> {
  // A source's sessions may read no view, so that a dump never does; a collection's query may. For this transaction
  // only.
  await session.query(
    `SELECT pg_catalog.set_config(name, '', true) FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind'`,
    [],
    { signal: options.signal },
  );
  const documents = new Map<string, number>();
  for (const collection of collections) {
    try {
      const [explained] = await session.query<Explained>(
        `EXPLAIN (FORMAT JSON) ${documentQuery(collection, schema)}`,
        [],
        { signal: options.signal },
      );
      documents.set(collection.name, explained?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw queryError(error, options.side, collection);
    }
  }
  return documents;
}
