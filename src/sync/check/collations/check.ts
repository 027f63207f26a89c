import type { CatalogModel } from '../../../catalog/model.ts';
import { sqlForServer } from '../../../catalog/sql-for-server.ts';
import { sqlFile } from '../../../lib/sql-file.ts';
import { tableName } from '../../../lib/table-name.ts';
import type { Queryable } from '../../../postgres/session.ts';

const oldOrderSql = sqlFile(import.meta.url, './old-order.sql');

/** Names of one kind that a sentence shows. */
const namedMax = 20;

interface Row {
  readonly schema: string;
  readonly table_name: string;
  readonly index_name: string;
}

/**
 * A sentence about unique indexes that may hold duplicates which nobody sees, because the order of texts has changed
 * since they were built: an update of the system does that. Such rows cannot be loaded again, neither in a copy nor by
 * an undo, and only reading all of them would tell.
 */
export async function checkOldOrder(
  session: Queryable,
  name: string,
  { server }: Pick<CatalogModel, 'server'>,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const sql = sqlForServer(oldOrderSql, server.versionNum);
  const rows = await session.query<Row>(sql, [], { signal });
  if (rows.length === 0) return [];
  const named = rows
    .slice(0, namedMax)
    .map(
      ({ schema, table_name, index_name }) => `${index_name} on ${tableName({ schema, name: table_name })}`,
    );
  return [
    `${rows.length} unique index(es) of "${name}" were built under another version of their collation, so they may ` +
      'hold duplicates that nobody sees; a run, or its undo, would stop at such rows. REINDEX finds them: ' +
      `${named.join(', ')}${rows.length > namedMax ? ' …' : ''}.`,
  ];
}
