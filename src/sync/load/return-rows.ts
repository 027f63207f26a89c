import type { CatalogModel, CatalogObject, CatalogTable } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { copyAcross } from '../../postgres/copy.ts';
import { digestsEqual, tableDigest } from '../../postgres/digest.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { serverFact } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import { readSequences, setSequenceSql } from './verify-load.ts';

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
  readonly copied: readonly { readonly name: string }[];
}

/**
 * Brings people's rows back with an undo: what was written since into tables whose rows are kept goes from the live
 * database (locked against writers by the caller) into the one that is to be live again. Tables that did not change are
 * left alone; the others are emptied and filled in one transaction, with the foreign keys and triggers that touch them
 * taken off and put back, so that no cascade and no trigger changes anything. Proved by digest.
 * CONFLICT_UNDO_CHANGED when the rows do not fit the old state (a list that names a part which is new): nothing is
 * changed then. Returns the tables that were brought back.
 */
export async function returnKeptRows(
  live: End,
  old: End,
  tables: readonly string[],
  options: ReturnOptions,
): Promise<readonly string[]> {
  const changed: Pair[] = [];
  for (const name of tables) {
    const pair = pairOf(live.model, old.model, name);
    if (pair !== null && !(await same(live.session, old.session, pair, options))) changed.push(pair);
  }
  if (changed.length === 0) return [];
  const names = changed.map(({ to }) => `${to.schema}.${to.name}`);
  const ids = new Set(changed.map(({ to }) => to.id));
  const attached = old.model.objects.filter((object) => touches(object, ids));
  try {
    await old.session.execute('BEGIN', options);
    for (const object of attached.toReversed()) await old.session.execute(object.dropSql ?? '', options);
    await old.session.execute(
      `TRUNCATE ONLY ${changed.map(({ to }) => qualifiedName(to.schema, to.name)).join(', ONLY ')}`,
      options,
    );
    for (const pair of changed) await fill(live.session, old.session, pair, options);
    for (const object of attached) await old.session.execute(object.sql, options);
    await returnSequences(live, old, ids, options);
    await old.session.execute('SET LOCAL synchronous_commit = on; COMMIT', options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (!old.session.broken) await old.session.execute('ROLLBACK');
    if (error instanceof SyncError) throw error;
    throw new SyncError(
      'CONFLICT_UNDO_CHANGED',
      `Rows written since into ${names.join(', ')} do not fit the old state: ${serverFact(error)}. Nothing was undone.`,
      { cause: error, details: { tables: names } },
    );
  }
  return names;
}

function touches(object: CatalogObject, tables: ReadonlySet<string>): boolean {
  if (object.dropSql === null) return false;
  if (object.kind === 'trigger') return object.partOf !== null && tables.has(object.partOf);
  return object.kind === 'foreign key' && object.locks.some(({ table }) => tables.has(table));
}

function pairOf(live: CatalogModel, old: CatalogModel, name: string): Pair | null {
  const find = (model: CatalogModel): CatalogTable | undefined =>
    model.tables.find((table) => `${table.schema}.${table.name}` === name);
  const [from, to] = [find(live), find(old)];
  if (from === undefined || to === undefined) return null;
  const shared = to.columns.filter((column) => from.columns.some((other) => other.name === column.name));
  return { from, to, shared, copied: shared.filter(({ generated }) => !generated) };
}

async function same(
  live: Session,
  old: Session,
  { from, to, shared }: Pair,
  options: ReturnOptions,
): Promise<boolean> {
  const [now, then] = await Promise.all([
    tableDigest(live, { ...from, columns: shared }, options),
    tableDigest(old, { ...to, columns: shared }, options),
  ]);
  return digestsEqual(now, then);
}

async function fill(live: Session, old: Session, pair: Pair, options: ReturnOptions): Promise<void> {
  const { from, to, copied } = pair;
  const name = `${to.schema}.${to.name}`;
  const list =
    copied.length === 0 ? '' : ` (${copied.map((column) => quoteIdentifier(column.name)).join(', ')})`;
  options.report.itemStarted(name, { rows: from.rowsEstimated, bytes: from.bytes });
  await copyAcross(
    { session: live, sql: `COPY ${qualifiedName(from.schema, from.name)}${list} TO STDOUT` },
    { session: old, sql: `COPY ${qualifiedName(to.schema, to.name)}${list} FROM stdin` },
    { signal: options.signal, onBytes: (bytes) => options.report.itemAdvanced(name, 0, bytes) },
  );
  if (!(await same(live, old, pair, options))) {
    throw new SyncError(
      'CONFLICT_UNDO_CHANGED',
      `The rows of ${name} changed on their way back; nothing was undone.`,
      { details: { tables: [name] } },
    );
  }
  options.report.itemDone(name);
}

async function returnSequences(
  live: End,
  old: End,
  tables: ReadonlySet<string>,
  options: ReturnOptions,
): Promise<void> {
  const owned = old.model.sequences.filter(
    ({ ownedByTable, schema, name }) =>
      tables.has(ownedByTable ?? '') &&
      live.model.sequences.some((other) => other.schema === schema && other.name === name),
  );
  const states = await readSequences(live.session, owned, options);
  for (const [index, sequence] of owned.entries()) {
    const state = states[index];
    if (state !== undefined) await old.session.execute(setSequenceSql(sequence, state), options);
  }
}
