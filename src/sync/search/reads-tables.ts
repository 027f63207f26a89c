import { sqlFile } from '../../lib/sql-file.ts';
import type { Session } from '../../postgres/session.ts';
import type { CollectionConfig } from '../../search/collection-config.ts';
import { documentQuery } from '../../search/document-query.ts';

const readsTablesSql = sqlFile(import.meta.url, './reads-tables.sql');

/**
 * Whether building these collections reads one of the given tables, or may do so through a function or a materialized
 * view. Asked of the server: each query becomes a temporary view for a moment (rolled back), and the dependencies of
 * views are in its catalogs.
 */
export async function collectionsRead(
  session: Session,
  input: {
    readonly collections: readonly CollectionConfig[];
    readonly schema: string;
    readonly tables: readonly { readonly schema: string; readonly name: string }[];
  },
  options: { readonly signal: AbortSignal },
): Promise<boolean> {
  if (input.tables.length === 0) return false;
  const views = input.collections.map((_collection, index) => `pg_temp.multiboard_sync_query_${index}`);
  await session.execute('BEGIN', options);
  try {
    for (const [index, collection] of input.collections.entries()) {
      await session.execute(
        `CREATE TEMPORARY VIEW ${(views[index] ?? '').replace('pg_temp.', '')} AS ${documentQuery(collection, input.schema)}`,
        options,
      );
    }
    const [found] = await session.query<{ reads: boolean }>(
      readsTablesSql,
      [views, input.tables.map(({ schema }) => schema), input.tables.map(({ name }) => name)],
      options,
    );
    return found?.reads ?? true;
  } finally {
    await session.rollback();
  }
}
