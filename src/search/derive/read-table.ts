import { tablePattern } from '../../environments/table-pattern.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { tableName } from '../../lib/table-name.ts';
import type { Queryable } from '../../postgres/session.ts';
import type { DerivedColumn } from './column-value.ts';
import type { DerivedTable } from './derive-collection.ts';

const tablesSql = sqlFile(import.meta.url, './tables.sql');
const columnsSql = sqlFile(import.meta.url, './columns.sql');

interface Found {
  readonly schema: string;
  readonly name: string;
  readonly oid: string;
}

/** A table and its columns, by the name that a person gave it. USAGE_NOT_FOUND where there is none, or several. */
export async function readTable(
  session: Queryable,
  { table, schema }: { readonly table: string; readonly schema: string },
  { signal }: { readonly signal: AbortSignal },
): Promise<DerivedTable> {
  const pattern = tablePattern(table);
  const tables = await session.query<Found>(tablesSql, [], { signal });
  const all = tables.filter(
    (one) => pattern !== null && (pattern.schema?.(one.schema) ?? true) && pattern.name(one.name),
  );
  // Of several, the application's own.
  const own = all.filter((one) => one.schema === schema);
  const [only, another] = own.length > 0 ? own : all;
  if (only !== undefined && another === undefined)
    return { ...only, columns: await session.query<DerivedColumn>(columnsSql, [only.oid], { signal }) };
  const names = tables.map((one) => (one.schema === schema ? one.name : tableName(one)));
  throw new SyncError(
    'USAGE_NOT_FOUND',
    only === undefined
      ? `There is no table "${table}".${didYouMean(table, names)}`
      : `"${table}" may be ${all.map((one) => tableName(one)).join(' or ')}: name one.`,
  );
}
