import type { CatalogTable } from '../../catalog/model.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { both } from '../../lib/both.ts';
import { digestGroup, digestHex, digestsEqual, tableDigest } from '../../postgres/digest.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import type { Queryable, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { SessionPair } from '../../postgres/share-out-pairs.ts';
import { readingError } from '../source/long-rows/check.ts';
import { nameType } from './without-exceptions.ts';
import type { Run } from '../contract/run.ts';
import type { VerifyReceipt } from '../contract/receipts.ts';
import { differingKeys } from './differing-keys.ts';
import { sizeOf } from './pair-tables.ts';
import type { Pair } from './pair-tables.ts';

export interface Compared {
  readonly result: VerifyReceipt['tables'][number];
  readonly left: TableDigest | null;
  readonly right: TableDigest | null;
  /** Null where the table is compared by itself. */
  readonly group: string | null;
}

/** Digests one table on both sides; where they differ, looks which keys do. */
export async function compareTable(
  { sessions: [leftSession, rightSession], ask: [leftAsk, rightAsk] }: SessionPair,
  pair: Pair,
  names: SchemaNames | null,
  run: Run,
): Promise<Compared> {
  const { report, signal } = run;
  report.itemStarted(pair.name, { bytes: sizeOf(pair) });
  try {
    // Columns in one order on both sides: that of the left table. A column that only one side has differs as an object.
    const columns =
      (pair.left ?? pair.right)?.columns.filter(
        ({ name, type }) =>
          has(pair.left, name) && has(pair.right, name) && (names === null || !nameType.test(type)),
      ) ?? [];
    const digestOf =
      (ask: Queryable, session: Session, table: CatalogTable | null) =>
      async (either: AbortSignal): Promise<TableDigest | null> =>
        table === null
          ? null
          : tableDigest(
              ask,
              { ...table, columns: columns.length === 0 ? table.columns : columns },
              { signal: either },
            ).catch(async (error: unknown) => {
              either.throwIfAborted();
              const what = `Comparing table ${pair.name}`;
              throw await readingError(error, { session, side: 'source', table, what }, { signal: either });
            });
    const [left, right] = await both(
      digestOf(leftAsk, leftSession, pair.left),
      digestOf(rightAsk, rightSession, pair.right),
      signal,
    );
    const equal = left !== null && right !== null && digestsEqual(left, right);
    const keys =
      equal || pair.left === null || pair.right === null
        ? []
        : await differingKeys(leftAsk, rightAsk, { ...pair.left, columns }, pair.right, { signal });
    report.itemAdvanced(pair.name, left?.rows ?? right?.rows ?? 0, sizeOf(pair));
    report.itemDone(pair.name);
    const result = {
      table: pair.name,
      equal,
      leftRows: left?.rows ?? null,
      rightRows: right?.rows ?? null,
      leftDigest: left === null ? null : digestHex(left),
      rightDigest: right === null ? null : digestHex(right),
      differingKeys: keys,
    };
    const isPart = (pair.left?.loadThrough ?? null) !== null && (pair.right?.loadThrough ?? null) !== null;
    return { result, left, right, group: isPart && pair.left !== null ? digestGroup(pair.left) : null };
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'source', `Comparing table ${pair.name}`);
  }
}

function has(table: CatalogTable | null, column: string): boolean {
  return table === null || table.columns.some(({ name }) => name === column);
}
