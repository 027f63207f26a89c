import { SyncError } from '../../errors/sync-error.ts';
import type { KeptTable } from '../../plan/import-plan.ts';
import { keptColumns, refuseImpossible } from '../../plan/kept-columns.ts';
import type { KeptSequence } from '../../plan/kept-sequences.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { copyAcross } from '../../postgres/copy.ts';
import type { Database } from '../../postgres/database.ts';
import { digestHex, digestsEqual, tableDigest } from '../../postgres/digest.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { copyColumns, copyToSql } from '../../postgres/rows.ts';
import { underSearchPath } from '../../postgres/search-path.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { TableReceipt } from '../contract/receipts.ts';
import { beginLocked } from './lock-tables.ts';
import { tableName } from '../../lib/table-name.ts';
import type { SequenceState } from './sequence-states.ts';
import { furtherState, readSequences, setSequenceSql } from './sequence-states.ts';

export interface KeepOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

interface KeptPair {
  readonly table: KeptTable['table'];
  readonly live: NonNullable<KeptTable['live']>;
}

/** The kept tables that exist in the live target; the others start empty. */
export function pairsOf(keep: readonly KeptTable[]): readonly KeptPair[] {
  return keep.flatMap(({ table, live }) => (live === null ? [] : [{ table, live }]));
}

/**
 * Kept tables that the live target does not have: they start empty, and an undo must know that their rows belong to
 * people.
 */
export function absentReceipts(keep: readonly KeptTable[]): readonly TableReceipt[] {
  return keep.flatMap(({ table, live }) =>
    live === null
      ? [
          {
            table: tableName(table),
            rows: 0,
            content: 'kept' as const,
            digest: null,
            equal: true,
          },
        ]
      : [],
  );
}

/**
 * Whether the kept rows fit the new definitions; returns what is decided for columns that are new, a sentence each.
 * Reads the target only where a new column must not be NULL: an empty table has no rows to refuse. TARGET_KEPT_TABLE.
 */
export async function checkKeptColumns(
  database: Database,
  keep: readonly KeptTable[],
  names: SchemaNames | null,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { decisions, impossible } = keptColumns(keep, names);
  if (impossible.length === 0) return decisions;
  const faults = await database.withSession(async (session) => {
    const found: string[] = [];
    for (const { column, live } of impossible) {
      const [row] = await session.query<{ filled: boolean }>(
        `SELECT EXISTS (SELECT FROM ONLY ${qualifiedName(live.schema, live.name)}) AS filled`,
        [],
        options,
      );
      if (row?.filled === true) found.push(column);
    }
    return found;
  }, options.signal);
  refuseImpossible(faults);
  return decisions;
}

/** Keeps writers off the kept tables until the transaction of `live` ends; readers go on. CONFLICT_TARGET_IN_USE. */
export async function lockKept(
  live: Session,
  { keep, waitSeconds }: { readonly keep: readonly KeptTable[]; readonly waitSeconds: number },
  options: KeepOptions,
): Promise<void> {
  const tables = pairsOf(keep).map(({ live: { schema, name } }) => ({ schema, name, owner: null }));
  await beginLocked(
    live,
    { relations: () => tables, mode: 'SHARE', waitSeconds, what: 'Locking the tables whose rows are kept' },
    options,
  );
}

/**
 * Copies the kept rows of the live target into the new database and proves both equal by digest. `live` holds the
 * locks. Rows stream through; memory is the streams' buffers.
 */
export async function carryKeptRows(
  live: Session,
  next: Session,
  keep: readonly KeptTable[],
  options: KeepOptions,
): Promise<readonly TableReceipt[]> {
  const receipts: TableReceipt[] = [...absentReceipts(keep)];
  for (const { table, live: from } of pairsOf(keep)) {
    const name = tableName(table);
    options.report.itemStarted(name, { rows: from.rowsEstimated, bytes: from.bytes });
    try {
      const carry = (): Promise<number> =>
        copyAcross(
          { session: live, sql: copyToSql(from) },
          {
            session: next,
            sql: `COPY ${qualifiedName(table.schema, table.name)}${copyColumns(from.columns)} FROM stdin`,
          },
          { signal: options.signal, onBytes: (bytes) => options.report.itemAdvanced(name, 0, bytes) },
        );
      const rows = await underSearchPath(next, table.searchPath ?? [], carry, options);
      options.report.itemAdvanced(name, rows, 0);
    } catch (error) {
      options.signal.throwIfAborted();
      throw databaseError(error, 'target', `Carrying the rows of ${name} over`, 'TARGET_KEPT_TABLE');
    }
    receipts.push(await proveKept(live, next, { table, live: from }, options));
    options.report.itemDone(name);
  }
  return receipts;
}

async function proveKept(
  live: Session,
  next: Session,
  { table, live: from }: KeptPair,
  options: KeepOptions,
): Promise<TableReceipt> {
  const columns = from.columns.map(({ name }) => ({ name }));
  const before = await tableDigest(live, { ...from, columns }, options);
  const { schema, name: ownName } = table;
  const after = await tableDigest(
    next,
    { schema, name: ownName, columns, condition: from.condition },
    options,
  );
  const name = tableName(table);
  if (!digestsEqual(before, after)) {
    throw new SyncError(
      'TARGET_KEPT_TABLE',
      `The kept rows of ${name} changed on the way (${before.rows} before, ${after.rows} after).`,
    );
  }
  return { table: name, rows: after.rows, content: 'kept', digest: digestHex(after), equal: true };
}

/**
 * The states that sequences of kept tables get: the live target's, or the source's if copied tables use the sequence
 * too and its state is further. By position.
 */
export async function keptSequenceStates(
  live: Session,
  sequences: readonly KeptSequence[],
  options: { readonly signal: AbortSignal },
): Promise<readonly SequenceState[]> {
  const states = await readSequences(
    live,
    sequences.map((sequence) => sequence.live),
    options,
  );
  return states.map((state, index) => {
    const atLeast = sequences[index]?.atLeast ?? null;
    const { lastValue, isCalled } = atLeast === null ? state : furtherState(state, atLeast, state.increment);
    return { lastValue, isCalled };
  });
}

/** Sets sequences and compares. TARGET_KEPT_TABLE when one differs. */
export async function setKeptSequences(
  session: Session,
  sequences: readonly KeptSequence[],
  states: readonly SequenceState[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  for (const [index, sequence] of sequences.entries()) {
    const state = states[index];
    if (state !== undefined) await session.execute(setSequenceSql(sequence, state), options);
  }
  const there = await readSequences(session, sequences, options);
  const different = sequences.filter(
    (_sequence, index) =>
      there[index]?.lastValue !== states[index]?.lastValue ||
      there[index]?.isCalled !== states[index]?.isCalled,
  );
  if (different.length === 0) return;
  const names = different.map(({ schema, name }) => tableName({ schema, name }));
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    `Sequences of kept tables came out different: ${names.join(', ')}.`,
    { details: { sequences: names } },
  );
}
