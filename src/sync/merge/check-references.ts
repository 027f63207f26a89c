import { SyncError } from '../../errors/sync-error.ts';
import { tableName } from '../../lib/table-name.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { isOrphan, matching, of, readForeignKeys } from './foreign-keys.ts';
import type { ForeignKey } from './foreign-keys.ts';
import { columnOf, newTable } from './merge-table.ts';
import type { MergeTable } from './merge-table.ts';

interface Options {
  readonly signal: AbortSignal;
}

/**
 * Checks the foreign keys between changed rows and rows that stay, as the server would have. Keys between tables that
 * both equal the source's hold because they hold there. Called in the transaction that has changed the rows: a row that
 * somebody adds meanwhile and that refers to a changed one either waited for us, or is seen here; rows that new rows
 * refer to are locked as the server locks them. TARGET_KEPT_TABLE names keys with rows that refer to nothing.
 */
export async function checkReferences(
  session: Session,
  alike: readonly string[],
  changed: readonly MergeTable[],
  options: Options,
): Promise<void> {
  const names = changed.map(({ into }) => into);
  const faults: string[] = [];
  for (const key of await readForeignKeys(session, alike, names, options)) {
    const [child, parent] = [tableName(key.childTable), tableName(key.parentTable)];
    try {
      for (const at of key.changed) {
        const table = changed[at - 1];
        if (table !== undefined) await session.execute(keepParentsSql(key, table), options);
      }
      const [row] = await session.query<{ rows: number }>(
        `SELECT count(*)::int AS rows FROM ${key.child} AS c WHERE ${isOrphan(key)}`,
        [],
        options,
      );
      if (row !== undefined && row.rows > 0)
        faults.push(
          `${row.rows} row(s) of ${child} refer by "${key.name}" to rows that ${parent} would lack`,
        );
    } catch (error) {
      options.signal.throwIfAborted();
      throw databaseError(error, 'target', `Checking the foreign key "${key.name}" of ${child}`);
    }
  }
  if (faults.length === 0) return;
  throw new SyncError('TARGET_KEPT_TABLE', `${faults.join('; ')}.`, {
    details: { references: faults },
    hint:
      'Change or delete those rows, bring the rows they refer to into the source, or say what becomes of them ' +
      '(--orphans, once for each foreign key; docs/operations.md §18).',
  });
}

/** Rows that new rows refer to stay until the end of the transaction. */
function keepParentsSql({ parent, pairs, period }: ForeignKey, table: MergeTable): string {
  const match = matching(
    period ? pairs.slice(0, -1) : pairs,
    of('p'),
    (name) => `n.${columnOf(table, name)}`,
  );
  return `SELECT count(*) FROM (SELECT FROM ${parent} AS p
WHERE EXISTS (SELECT FROM ${newTable(table)} AS n WHERE ${match}) FOR KEY SHARE) AS held`;
}
