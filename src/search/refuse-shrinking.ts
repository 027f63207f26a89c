import type { Queryable } from '../postgres/session.ts';
import type { CollectionConfig } from './collection-config.ts';
import { countOfDocuments } from './read-documents.ts';
import { refuseShrunk, shrinksTooMuch } from './shrink-guard.ts';

/**
 * Before the long work: counts the documents of each collection that the planner expects to shrink more than it may.
 * Errors: SEARCH_SHRUNK, SEARCH_QUERY_FAILED, those of the connection.
 */
export async function refuseShrinking(
  session: Queryable,
  {
    collections,
    schema,
    live,
    expected,
  }: {
    readonly collections: readonly CollectionConfig[];
    readonly schema: string;
    /** Documents that are live now, by collection. */
    readonly live: ReadonlyMap<string, number>;
    /** The planner's guess, by collection. */
    readonly expected: ReadonlyMap<string, number>;
  },
  { signal, side }: { readonly signal: AbortSignal; readonly side: 'source' | 'target' },
): Promise<void> {
  for (const config of collections) {
    const now = live.get(config.name) ?? 0;
    if (!shrinksTooMuch(config, { live: now, documents: expected.get(config.name) ?? 0 })) continue;
    const documents = await countOfDocuments({ session, config, schema, side }, { signal });
    refuseShrunk(config, { live: now, documents });
  }
}
