import { largeObjectsId } from '../../catalog/large-objects/large-objects.ts';
import type { CatalogModel, CatalogTable } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { keptSequences } from '../../plan/kept-sequences.ts';
import { inOrderOfRows } from '../../plan/order-of-rows.ts';
import { both } from '../../lib/both.ts';
import { copyAcross } from '../../postgres/copy.ts';
import { digestHex, digestsEqual, tableDigest } from '../../postgres/digest.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { copyColumns, copyToSql, emptyRowsSql } from '../../postgres/rows.ts';
import { underSearchPath } from '../../postgres/search-path.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError, serverFact, sqlState } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import { checkLocks } from '../large-objects/locks.ts';
import { carryLargeObjects } from '../large-objects/carry.ts';
import { digestLargeObjects, largeObjectDifferences, largeObjectsHex } from '../large-objects/digest.ts';
import type { DigestedLargeObjects } from '../large-objects/digest.ts';
import { spreadOver } from '../../postgres/team.ts';
import type { LargeObjectsReceipt, TableReceipt } from '../contract/receipts.ts';
import { keptSequenceStates, setKeptSequences } from './kept-tables.ts';
import { attachments, withAncestors } from './attachments.ts';
import { appliedSince } from './applied-since.ts';
import { refuseLostReferences } from './references/lost-references.ts';
import type { SetSequences } from './last-numbers.ts';
import { refuseColumnsGone, refuseUndoLosses } from './undo-losses.ts';
import type { UndoneTable } from './undo-losses.ts';
import { tableName } from '../../lib/table-name.ts';

export interface ReturnOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

interface End {
  readonly session: Session;
  readonly model: CatalogModel;
}

interface Pair {
  readonly from: CatalogTable;
  readonly to: CatalogTable;
  /** Columns both have, in one order; of them those that COPY carries. */
  readonly shared: readonly { readonly name: string }[];
  readonly copied: CatalogTable['columns'];
}

export interface ReturnedRows {
  /** `schema.name` of the tables whose rows were carried over. */
  readonly returned: readonly string[];
  /** Every kept table that both states have. */
  readonly tables: readonly TableReceipt[];
  /** The large objects, where they are kept. */
  readonly largeObjects: LargeObjectsReceipt | null;
  /** A sentence for each column that is of another type in the old state. */
  readonly notes: readonly string[];
  /** Sequences of the kept tables, as they were set in the old state. */
  readonly numbers: SetSequences;
}

/**
 * Carries people's rows over in an undo: what they wrote after the run into kept tables is copied from the live
 * database (the caller has locked out writers) into the database that goes live again. Tables that did not change are
 * left alone. The others are emptied and filled in one transaction; the foreign keys and triggers that touch them are
 * dropped and made again, so that no cascade and no trigger changes anything. Their sequences never go back.
 * CONFLICT_UNDO_CHANGED when the rows do not fit the old state (a list that names a part which is new, a column that
 * was not there): nothing is changed then.
 *
 * Of the proofs (`prove/proofs.ts`): the rows of kept tables and kept large objects are proved by digest. Nothing else
 * was loaded: all other rows and every definition are as the run put them aside, in a database that nobody could change
 * since. Sequences of kept tables are set to the further of the two states, and equal neither.
 */
export async function returnKeptRows(
  live: End,
  old: End,
  { tables, largeObjects }: { readonly tables: readonly string[]; readonly largeObjects: boolean },
  options: ReturnOptions,
): Promise<ReturnedRows> {
  const { pairs, changed } = await compareKept(live, old, tables, options);
  const names = changed.map(({ to }) => tableName(to));
  const migrations = await appliedSince(live.session, old.session, changed, options);
  let objects: LargeObjectsReceipt | null = null;
  let numbers: SetSequences;
  try {
    await old.session.execute('BEGIN', options);
    await replaceRows(live, old, changed, options);
    numbers = await returnSequences(live, old, pairs, options);
    if (largeObjects) objects = await returnLargeObjects(live, old, options);
    await old.session.execute('SET LOCAL synchronous_commit = on; COMMIT', options);
  } catch (error) {
    options.signal.throwIfAborted();
    await old.session.rollback();
    throw await returnError(error, names, () => refuseLostReferences(live, old, pairs, options, error));
  }
  return {
    returned: names,
    tables: await receiptsOf(old.session, pairs, options),
    largeObjects: objects,
    notes: [...changed.flatMap(otherTypes), ...migrations],
    numbers,
  };
}

/** The kept tables that both states have; of them those to which people wrote. Refuses what would be lost. */
async function compareKept(
  live: End,
  old: End,
  tables: readonly string[],
  options: ReturnOptions,
): Promise<{ readonly pairs: readonly Pair[]; readonly changed: readonly Pair[] }> {
  const pairs: Pair[] = [];
  const changed: Pair[] = [];
  const places: UndoneTable[] = [];
  for (const name of tables) {
    const [from, to] = [tableNamed(live.model, name), tableNamed(old.model, name)];
    if (from === null) continue;
    if (to === null) {
      places.push({ live: from, columns: null, changed: true });
      continue;
    }
    const pair = pairOf(from, to);
    const differs = !(await same(live.session, old.session, pair, options));
    pairs.push(pair);
    if (differs) changed.push(pair);
    places.push({ live: from, columns: to.columns, changed: differs });
  }
  await refuseUndoLosses(live.session, places, options);
  await refuseColumnsGone(
    old.session,
    changed.map(({ from, to }) => ({ old: to, live: from })),
    options,
  );
  return { pairs, changed };
}

/** Empties tables of the old state and fills them, without the keys and triggers that touch them. */
async function replaceRows(
  live: End,
  old: End,
  changed: readonly Pair[],
  options: ReturnOptions,
): Promise<void> {
  const attached = attachments(old.model, new Set(changed.map(({ to }) => to.id)));
  for (const { dropSql } of attached.toReversed())
    if (dropSql !== null) await old.session.execute(dropSql, options);
  const order = inOrderOfRows(old.model.objects, changed, ({ to }) => to);
  const whole = order.filter(({ to }) => !to.extensionConfig);
  if (whole.length > 0)
    await old.session.execute(
      `TRUNCATE ONLY ${whole.map(({ to }) => qualifiedName(to.schema, to.name)).join(', ONLY ')}`,
      options,
    );
  for (const { to } of order.toReversed())
    if (to.extensionConfig) await old.session.execute(emptyRowsSql(to), options);
  for (const pair of order) await fill(live.session, old.session, pair, options);
  for (const object of attached) await old.session.execute(object.sql, options);
}

/** Only errors about rows are errors of the rows; a lost connection or a full disk is reported as what it is. */
async function returnError(
  error: unknown,
  names: readonly string[],
  refuseLost: () => Promise<void>,
): Promise<SyncError> {
  if (error instanceof SyncError) return error;
  const state = sqlState(error) ?? '';
  if (!/^(?:0A|22|23|42|44|P0)/.test(state))
    return databaseError(error, 'target', `Bringing the rows of ${names.join(', ')} back`);
  if (state === '23503') await refuseLost();
  return new SyncError(
    'CONFLICT_UNDO_CHANGED',
    `Rows written after the run into ${names.join(', ')} do not fit the old state: ${serverFact(error)}. ` +
      'Nothing was undone.',
    { cause: error, details: { tables: names } },
  );
}

async function receiptsOf(
  old: Session,
  pairs: readonly Pair[],
  options: ReturnOptions,
): Promise<readonly TableReceipt[]> {
  const receipts: TableReceipt[] = [];
  for (const { to, shared } of pairs) {
    const digest = await tableDigest(old, { ...to, columns: shared }, options);
    receipts.push({
      table: tableName(to),
      rows: digest.rows,
      content: 'kept',
      digest: digestHex(digest),
      equal: true,
    });
  }
  return receipts;
}

/** Columns of another type in the old state: their values travel as text, and were proved equal as text. */
function otherTypes({ from, to }: Pair): readonly string[] {
  return to.columns.flatMap(({ name, type }) => {
    const now = from.columns.find((column) => column.name === name);
    return now === undefined || now.type === type
      ? []
      : [`${tableName(to)}.${name} was ${now.type} and is ${type} again: its values are the same as text.`];
  });
}

function tableNamed(model: CatalogModel, wanted: string): CatalogTable | null {
  return model.tables.find(({ schema, name }) => tableName({ schema, name }) === wanted) ?? null;
}

function pairOf(from: CatalogTable, to: CatalogTable): Pair {
  const shared = to.columns.filter((column) => from.columns.some((other) => other.name === column.name));
  return { from, to, shared, copied: shared.filter(({ generated }) => !generated) };
}

async function same(
  live: Session,
  old: Session,
  { from, to, shared }: Pair,
  options: ReturnOptions,
): Promise<boolean> {
  const [now, then] = await both(
    (signal) => tableDigest(live, { ...from, columns: shared }, { signal }),
    (signal) => tableDigest(old, { ...to, columns: shared }, { signal }),
    options.signal,
  );
  return digestsEqual(now, then);
}

async function fill(live: Session, old: Session, pair: Pair, options: ReturnOptions): Promise<void> {
  const { from, to, copied } = pair;
  const name = tableName(to);
  options.report.itemStarted(name, { rows: from.rowsEstimated, bytes: from.bytes });
  const carry = (): Promise<number> =>
    copyAcross(
      { session: live, sql: copyToSql({ ...from, columns: copied }) },
      {
        session: old,
        sql: `COPY ${qualifiedName(to.schema, to.name)}${copyColumns(copied)} FROM stdin`,
      },
      { signal: options.signal, onBytes: (bytes) => options.report.itemAdvanced(name, 0, bytes) },
    );
  await underSearchPath(old, to.searchPath, carry, options);
  if (!(await same(live, old, pair, options))) {
    throw new SyncError(
      'CONFLICT_UNDO_CHANGED',
      `The rows of ${name} changed on the way back; nothing was undone.`,
      { details: { tables: [name] } },
    );
  }
  options.report.itemDone(name);
}

/** If nobody wrote to them since, they stay as they are; otherwise all of them are made again. */
async function returnLargeObjects(live: End, old: End, options: ReturnOptions): Promise<LargeObjectsReceipt> {
  const digestOf =
    ({ session }: End) =>
    (signal: AbortSignal): Promise<DigestedLargeObjects> =>
      digestLargeObjects(spreadOver([session], signal), { signal });
  const [now, then] = await both(digestOf(live), digestOf(old), options.signal);
  const { objects, bytes, digest } = now;
  if (largeObjectDifferences(now, then, { owners: true, privileges: true }).length === 0)
    return { objects, bytes, content: 'kept', digest: largeObjectsHex(digest), equal: true };
  await checkLocks(
    old.session,
    { removed: old.model.largeObjects.count, commented: digest.words.rows },
    options,
  );
  const [unlink] = old.model.objects.filter(({ id }) => id === largeObjectsId);
  if (unlink !== undefined) await old.session.execute(unlink.dropSql ?? '', options);
  return carryLargeObjects(live.session, old.session, options);
}

/** The further of the two states, so that no number is given twice. */
async function returnSequences(
  live: End,
  old: End,
  pairs: readonly Pair[],
  options: ReturnOptions,
): Promise<SetSequences> {
  const tables = withAncestors(old.model, new Set(pairs.map(({ to }) => to.id)));
  const sequences = keptSequences({
    objects: old.model.objects,
    sequences: old.model.sequences,
    fromTarget: [],
    keptTables: tables,
    loadedTables: tables,
    target: live.model,
  });
  const states = await keptSequenceStates(live.session, sequences, options);
  await setKeptSequences(old.session, sequences, states, options);
  return { sequences, states };
}
