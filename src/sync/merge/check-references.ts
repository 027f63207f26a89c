import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { columnOf, newTable } from './merge-table.ts';
import type { MergeTable } from './merge-table.ts';

const foreignKeysSql = sqlFile(import.meta.url, './foreign-keys.sql');

interface ForeignKey {
  readonly name: string;
  readonly child: string;
  readonly parent: string;
  readonly childName: string;
  readonly parentName: string;
  readonly pairs: readonly { readonly child: string; readonly parent: string; readonly equals: string }[];
  readonly full: boolean;
  readonly period: boolean;
  readonly changed: readonly number[];
}

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
  const keys = await session.query<ForeignKey>(
    foreignKeysSql,
    [alike, changed.map(({ into }) => into)],
    options,
  );
  const faults: string[] = [];
  for (const key of keys) {
    try {
      for (const at of key.changed) {
        const table = changed[at - 1];
        if (table !== undefined) await session.execute(keepParentsSql(key, table), options);
      }
      const [row] = await session.query<{ rows: number }>(orphansSql(key), [], options);
      if (row !== undefined && row.rows > 0)
        faults.push(
          `${row.rows} row(s) of ${key.childName} refer by "${key.name}" to rows that ${key.parentName} would lack`,
        );
    } catch (error) {
      options.signal.throwIfAborted();
      throw databaseError(error, 'target', `Checking the foreign key "${key.name}" of ${key.childName}`);
    }
  }
  if (faults.length === 0) return;
  throw new SyncError('TARGET_KEPT_TABLE', `${faults.join('; ')}.`, { details: { references: faults } });
}

/** Rows that new rows refer to stay until the end of the transaction. */
function keepParentsSql({ parent, pairs, period }: ForeignKey, table: MergeTable): string {
  const match = matching(period ? pairs.slice(0, -1) : pairs, 'p', (name) => `n.${columnOf(table, name)}`);
  return `SELECT count(*) FROM (SELECT FROM ${parent} AS p
WHERE EXISTS (SELECT FROM ${newTable(table)} AS n WHERE ${match}) FOR KEY SHARE) AS held`;
}

function matching(pairs: ForeignKey['pairs'], parent: string, child: (name: string) => string): string {
  return pairs
    .map((pair) => `${parent}.${quoteIdentifier(pair.parent)} ${pair.equals} ${child(pair.child)}`)
    .join(' AND ');
}

function orphansSql({ child, parent, pairs, full, period }: ForeignKey): string {
  const own = (name: string): string => `c.${quoteIdentifier(name)}`;
  const nulls = pairs.map((pair) => `${own(pair.child)} IS NULL`);
  // MATCH FULL: some NULL among values is a fault as well.
  const refers = full
    ? `NOT (${nulls.join(' AND ')})`
    : pairs.map((pair) => `${own(pair.child)} IS NOT NULL`).join(' AND ');
  const last = pairs.at(-1);
  const found =
    period && last !== undefined
      ? `${own(last.child)} OPERATOR(pg_catalog.<@) (SELECT pg_catalog.range_agg(p.${quoteIdentifier(last.parent)}) FROM ${parent} AS p WHERE ${matching(pairs.slice(0, -1), 'p', own)})`
      : `EXISTS (SELECT FROM ${parent} AS p WHERE ${matching(pairs, 'p', own)})`;
  return `SELECT count(*)::int AS rows FROM ${child} AS c WHERE ${refers} AND (${found}) IS NOT TRUE`;
}
