import { SyncError } from '../../errors/sync-error.ts';
import type { KeptTable } from '../../plan/import-plan.ts';
import type { KeptSequence } from '../../plan/kept-sequences.ts';
import { typeThere } from '../../plan/schema-names.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { copyAcross } from '../../postgres/copy.ts';
import { digestHex, digestsEqual, tableDigest } from '../../postgres/digest.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { copyColumns, copyToSql } from '../../postgres/rows.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { TableReceipt } from '../verbs.ts';
import { beginLocked } from './lock-tables.ts';
import { furtherState, readSequences, setSequenceSql } from './verify-load.ts';
import type { SequenceState } from './verify-load.ts';

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

/** Kept tables that the live target does not have: they begin empty, and an undo must know that their rows are people's. */
export function absentReceipts(keep: readonly KeptTable[]): readonly TableReceipt[] {
  return keep.flatMap(({ table, live }) =>
    live === null
      ? [
          {
            table: `${table.schema}.${table.name}`,
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
 * Every column of a kept table must find its place: TARGET_KEPT_TABLE names each that is missing or of another type in
 * the new definition. A column that only the new definition has takes its default.
 */
export function checkKeptColumns(keep: readonly KeptTable[], names: SchemaNames | null): void {
  // There and back: the server may quote a schema's name where we do not.
  const written = (type: string): string => typeThere(typeThere(type, names), names);
  const faults = pairsOf(keep).flatMap(({ table, live }) =>
    live.columns.flatMap((column) => {
      const place = table.columns.find(({ name }) => name === column.name);
      const where = `${live.schema}.${live.name}.${column.name}`;
      if (place === undefined) return [`${where} does not exist in the source’s definition`];
      if (written(place.type) !== written(column.type))
        return [`${where} is ${column.type} here and ${place.type} in the source`];
      return place.generated === column.generated ? [] : [`${where} is generated on one side only`];
    }),
  );
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    `Rows that must be kept do not fit the source’s definition: ${faults.join('; ')}.`,
    {
      details: { columns: faults },
      hint: 'Bring both schemas to the same migration first.',
    },
  );
}

/** Keeps writers off the kept tables until the transaction of `live` ends; readers go on. CONFLICT_TARGET_IN_USE. */
export async function lockKept(
  live: Session,
  keep: readonly KeptTable[],
  options: KeepOptions,
): Promise<void> {
  const tables = pairsOf(keep).map(({ live: table }) => table);
  await beginLocked(
    live,
    { tables: () => tables, mode: 'SHARE', what: 'Locking the tables whose rows are kept' },
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
    const name = `${table.schema}.${table.name}`;
    options.report.itemStarted(name, { rows: from.rowsEstimated, bytes: from.bytes });
    try {
      const rows = await copyAcross(
        { session: live, sql: copyToSql(from) },
        {
          session: next,
          sql: `COPY ${qualifiedName(table.schema, table.name)}${copyColumns(from.columns)} FROM stdin`,
        },
        { signal: options.signal, onBytes: (bytes) => options.report.itemAdvanced(name, 0, bytes) },
      );
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
  const name = `${table.schema}.${table.name}`;
  if (!digestsEqual(before, after)) {
    throw new SyncError(
      'TARGET_KEPT_TABLE',
      `The kept rows of ${name} changed on their way (${before.rows} before, ${after.rows} after).`,
    );
  }
  return { table: name, rows: after.rows, content: 'kept', digest: digestHex(after), equal: true };
}

/**
 * States that kept tables' sequences are to have: the live target's, or the source's where copied tables use them too
 * and it is further. By position.
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
  const carried = await readSequences(session, sequences, options);
  const different = sequences.filter(
    (_sequence, index) =>
      carried[index]?.lastValue !== states[index]?.lastValue ||
      carried[index]?.isCalled !== states[index]?.isCalled,
  );
  if (different.length === 0) return;
  const names = different.map(({ schema, name }) => `${schema}.${name}`);
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    `Sequences of kept tables came out different: ${names.join(', ')}.`,
    { details: { sequences: names } },
  );
}
