import { sqlFile } from '../../lib/sql-file.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

const presentTablesSql = sqlFile(import.meta.url, './present-tables.sql');

interface PresentTable {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly ofExtension: boolean;
  readonly lockable: boolean;
}

/**
 * The tables that a replacement in place locks before it begins: all but those that stay where they are, with their
 * rows.
 */
export function lockedInPlace<Table extends { readonly id: string }>(
  tables: readonly Table[],
  { staying }: Pick<ImportPlan, 'staying'>,
): readonly Table[] {
  return tables.filter(({ id }) => !staying.has(id));
}

/**
 * The tables of the session's database that a run is about, without reading its catalogue. Extensions take part only in
 * a run about the whole database. In a run about some schemas, tables of others at the end of a foreign key come along:
 * the server locks them when it drops the key, and sessions that hold one and wait for the other would be in deadlock.
 */
export async function presentTables(
  session: Queryable,
  { schemas, beside }: Pick<ImportPlan, 'schemas' | 'beside'>,
  options: CallOptions,
): Promise<readonly PresentTable[]> {
  const tables = await session.query<PresentTable>(presentTablesSql, [], options);
  return schemas === null
    ? tables
    : tables.filter(({ id, schema, ofExtension, lockable }) =>
        schemas.target.includes(schema) ? !ofExtension : beside.has(id) && lockable,
      );
}
