import { sqlFile } from '../../lib/sql-file.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { MergeTable } from './merge-table.ts';

const deferrableKeysSql = sqlFile(import.meta.url, './deferrable-keys.sql');

interface DeferrableKey {
  readonly name: string;
  readonly table: string;
  readonly tableName: string;
  readonly parts: readonly { readonly expr: string; readonly compared: string; readonly nulls: boolean }[];
  readonly condition: string | null;
}

/**
 * Rows that this transaction has written and that stand against others by a deferrable unique, primary key or exclusion
 * constraint, a sentence for each constraint. Constraints that are not deferrable are held by their index at once.
 */
export async function deferrableFaults(
  session: Session,
  changed: readonly MergeTable[],
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const names = changed.map(({ into }) => into);
  const keys = await session.query<DeferrableKey>(deferrableKeysSql, [names], options);
  const faults: string[] = [];
  for (const key of keys) {
    try {
      const [row] = await session.query<{ rows: number }>(conflictsSql(key), [], options);
      if (row !== undefined && row.rows > 0)
        faults.push(
          `${row.rows} row(s) of ${key.tableName} would stand against others by the constraint "${key.name}"`,
        );
    } catch (error) {
      options.signal.throwIfAborted();
      throw databaseError(error, 'target', `Checking the constraint "${key.name}" of ${key.tableName}`);
    }
  }
  return faults;
}

/** Written rows alone are compared with all: of two others neither is new. An index on the key helps. */
function conflictsSql({ table, parts, condition }: DeferrableKey): string {
  const columns = parts.map(({ expr }, index) => `, ${expr} AS k${index + 1}`).join('');
  const rows = (where: readonly string[]): string =>
    `(SELECT ctid AS place${columns} FROM ONLY ${table}${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`})`;
  const about = condition === null ? [] : [`(${condition})`];
  const matches = parts.map(({ compared, nulls }, index) => {
    const [one, other] = [`a.k${index + 1}`, `b.k${index + 1}`];
    const same = `${one} ${compared} ${other}`;
    return nulls ? `(${same} OR (${one} IS NULL AND ${other} IS NULL))` : same;
  });
  return `SELECT count(*)::int AS rows FROM ${rows([...about, 'xmin = pg_catalog.pg_current_xact_id()::xid'])} AS a
WHERE EXISTS (SELECT FROM ${rows(about)} AS b WHERE a.place <> b.place AND ${matches.join(' AND ')})`;
}
