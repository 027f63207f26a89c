import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import {
  changedColumnsSql,
  deleteSql,
  insertSql,
  oldRowsSql,
  pairsSql,
  pairsTable,
  updateSql,
} from './merge-table.ts';
import type { MergeTable, RowAction } from './merge-table.ts';

export interface RowCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** A table whose rows are staged, with what has to happen to which of them. */
export interface PairedTable {
  readonly table: MergeTable;
  readonly counts: RowCounts;
}

interface Options {
  readonly signal: AbortSignal;
}

/**
 * Reads the target's rows of the staged keys and finds out what happens to each. The tables are locked against
 * writers, so that the places of these rows stay true.
 */
export async function pairRows(
  session: Session,
  table: MergeTable,
  which: 'of keys' | 'all',
  options: Options,
): Promise<PairedTable> {
  const about = errorsAbout(table, options);
  await about(() => session.execute(oldRowsSql(table, which), options));
  await about(() => session.execute(pairsSql(table), options));
  const rows = await session.query<{ act: RowAction | 'same'; times: number }>(
    `SELECT act, count(*)::int AS times FROM ${pairsTable(table)} GROUP BY act`,
    [],
    options,
  );
  const of = (action: RowAction): number => rows.find(({ act }) => act === action)?.times ?? 0;
  return {
    table,
    counts: {
      inserted: of('insert'),
      updated: of('update') + of('replace'),
      deleted: of('delete'),
    },
  };
}

/**
 * Makes the rows of all tables what they are to be. First everything goes that has to, then what stays is changed, then
 * the rest comes: a value that moves from one row to another is free by then. Foreign keys do not act meanwhile
 * (session_replication_role), and are asked afterwards (references.ts).
 */
export async function applyRows(
  session: Session,
  paired: readonly PairedTable[],
  options: Options,
): Promise<void> {
  for (const { table } of paired)
    await errorsAbout(table, options)(() => session.execute(deleteSql(table), options));
  for (const { table, counts } of paired) {
    if (counts.updated === 0) continue;
    const [found] = await session.query<{ columns: readonly number[] }>(
      changedColumnsSql(table),
      [],
      options,
    );
    const names = (found?.columns ?? []).flatMap((index) => table.columns[index] ?? []);
    if (names.length > 0)
      await errorsAbout(table, options)(() => session.execute(updateSql(table, names), options));
  }
  for (const { table } of paired)
    await errorsAbout(table, options)(() => session.execute(insertSql(table), options));
}

function errorsAbout({ name }: MergeTable, { signal }: Options) {
  return async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      throw databaseError(error, 'target', `Merging the rows of table ${name}`);
    }
  };
}
