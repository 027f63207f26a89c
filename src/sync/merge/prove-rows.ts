import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { digestsEqual, sumDigests } from '../../postgres/digest.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { tellableTables } from '../../postgres/row-versions.ts';
import type { Session } from '../../postgres/session.ts';
import type { ComparedPair } from '../differing/pairs.ts';
import { sideOf } from '../differing/side.ts';
import type { Compared, ComparedRows } from './compare-rows.ts';
import { removedRowsSql, stayingRowsSql } from './merge-table.ts';
import type { MergeTable } from './merge-table.ts';

const presentTablesSql = sqlFile(import.meta.url, './present-tables.sql');

interface Options {
  readonly signal: AbortSignal;
}

interface Staged {
  readonly table: MergeTable;
  readonly rows: ComparedRows;
}

/**
 * The tables to which somebody may have written since they were compared. Asked under the lock: a table has not been
 * written to if it is the one that was compared, nobody has written its definition since (a column that is dropped and
 * added anew changes no row's version), it has as many rows as the snapshot had, and none of them is of a transaction
 * that the snapshot may not have shown. That reads each table once, and hashes nothing.
 */
export async function writtenSince(
  session: Session,
  { tables, horizon }: Compared,
  { signal }: Options,
): Promise<ReadonlySet<ComparedRows>> {
  const written = new Set<ComparedRows>();
  // Of an id of 64 bits the lower half.
  const oldest = BigInt.asUintN(32, BigInt(horizon)).toString();
  const same = await sameTables(session, tables, oldest, { signal });
  for (const rows of tables) {
    if (!same.has(rows)) {
      written.add(rows);
      continue;
    }
    // Some rows of an extension's table come out of a subquery, which does not say who wrote them.
    if (rows.pair.targetTable.extensionConfig) {
      written.add(rows);
      continue;
    }
    const [now] = await session.query<{ rows: string; fresh: boolean | null }>(
      `SELECT count(*)::text AS rows, bool_or(pg_catalog.age(xmin) <= pg_catalog.age($1::text::xid)) AS fresh FROM ${rows.pair.target.rows}`,
      [oldest],
      { signal },
    );
    if (Number(now?.rows ?? 0) !== rows.found.rows || now?.fresh === true) written.add(rows);
  }
  return written;
}

/** Those that are read from the tables that were compared, whose definitions are as they were then. */
async function sameTables(
  session: Session,
  tables: readonly ComparedRows[],
  oldest: string,
  options: Options,
): Promise<ReadonlySet<ComparedRows>> {
  const names = tables.map(({ pair: { targetTable } }) => {
    const { schema, name } = targetTable.loadThrough ?? targetTable;
    return qualifiedName(schema, name);
  });
  const present = await session.query<{ at: number; oid: string }>(presentTablesSql, [names], options);
  const unchanged = await tellableTables(
    session,
    present.map(({ oid }) => oid),
    oldest,
    options,
  );
  const oidsAt = new Map<number, string[]>();
  for (const { at, oid } of present) {
    const oids = oidsAt.get(at);
    if (oids === undefined) oidsAt.set(at, [oid]);
    else oids.push(oid);
  }
  return new Set(
    tables.filter(({ pair }, index) => {
      const now = oidsAt.get(index + 1) ?? [];
      return now.every((oid) => unchanged.has(oid)) && pair.targetOids.every((oid) => now.includes(oid));
    }),
  );
}

/** Digests of the rows that are about to be deleted or updated, or that stay beside the source's. */
export async function removedRows(
  session: Session,
  staged: readonly Staged[],
  which: 'removed' | 'staying',
  options: Options,
): Promise<ReadonlyMap<ComparedRows, TableDigest>> {
  const rowsOf = which === 'removed' ? removedRowsSql : stayingRowsSql;
  const digests = new Map<ComparedRows, TableDigest>();
  for (const { table, rows } of staged)
    digests.set(rows, await digestOf(session, rows.pair, rowsOf(table), options));
  return digests;
}

/**
 * Every table has the rows that the source's snapshot has, and those that were to stay beside them. Of a table that
 * nobody else has written to since its snapshot the digest is known: what was removed is taken from it, and what this
 * transaction has written, read back, is added. Others are digested again. CONFLICT_TARGET_CHANGED names tables that
 * people wrote to meanwhile.
 */
export async function proveRows(
  session: Session,
  {
    compared,
    staged,
    emptied,
    since,
    removed,
    staying,
  }: {
    readonly compared: Compared;
    readonly staged: readonly Staged[];
    readonly emptied: readonly MergeTable[];
    readonly since: ReadonlySet<ComparedRows>;
    readonly removed: ReadonlyMap<ComparedRows, TableDigest>;
    readonly staying: ReadonlyMap<ComparedRows, TableDigest>;
  },
  options: Options,
): Promise<void> {
  const touched = new Set(staged.map(({ rows }) => rows));
  const changed: string[] = [];
  for (const rows of compared.tables) {
    const { pair, wanted, found } = rows;
    let now = found;
    if (since.has(rows)) now = await digestOf(session, pair, pair.target.rows, options);
    else if (touched.has(rows)) {
      const added = await digestOf(session, pair, writtenRows(pair), options);
      const gone = removed.get(rows);
      now = sumDigests([found, added, ...(gone === undefined ? [] : [negated(gone)])]);
    }
    const more = staying.get(rows);
    if (!digestsEqual(now, more === undefined ? wanted : sumDigests([wanted, more])))
      changed.push(pair.names.join(', '));
  }
  for (const { name, own } of emptied) {
    const [row] = await session.query<{ filled: boolean }>(
      `SELECT EXISTS (SELECT FROM ${own}) AS filled`,
      [],
      options,
    );
    if (row?.filled !== false) changed.push(name);
  }
  if (changed.length === 0) return;
  throw new SyncError(
    'CONFLICT_TARGET_CHANGED',
    `Rows of ${changed.length} table(s) were changed by others while they were compared: ${changed.join('; ')}.`,
    {
      details: { tables: changed },
      hint: 'Nothing was changed by this run. Run again, at a quieter time.',
    },
  );
}

async function digestOf(
  session: Session,
  pair: ComparedPair,
  rows: string,
  options: Options,
): Promise<TableDigest> {
  const asked = { side: 'target', name: pair.names.join(', ') } as const;
  return (await sideOf(session, { ...pair.target, rows }, asked).all(0, options)).digest;
}

/** Rows of this very transaction. */
function writtenRows({ targetTable }: ComparedPair): string {
  const { loadThrough: root, schema, name } = targetTable;
  const all = root === null ? `ONLY ${qualifiedName(schema, name)}` : qualifiedName(root.schema, root.name);
  return `(SELECT * FROM ${all} WHERE xmin = pg_catalog.pg_current_xact_id()::xid) AS written`;
}

const negated = (digest: TableDigest): TableDigest => ({
  ...digest,
  rows: -digest.rows,
  sumHigh: (-BigInt(digest.sumHigh)).toString(),
  sumLow: (-BigInt(digest.sumLow)).toString(),
});
