import { sqlFile } from '../../lib/sql-file.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

const presentTablesSql = sqlFile(import.meta.url, './present-tables.sql');

interface PresentTable {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
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

/** The tables of the session's database, without reading its catalogue. */
export function presentTables(session: Queryable, options: CallOptions): Promise<readonly PresentTable[]> {
  return session.query<PresentTable>(presentTablesSql, [], options);
}
