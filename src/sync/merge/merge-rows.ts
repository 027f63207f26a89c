import { compareModels } from '../../catalog/compare.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { tableName } from '../../lib/table-name.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { orphanTables } from '../../plan/orphan-tables.ts';
import type { OrphanPolicies } from '../../plan/orphans.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import type { Database } from '../../postgres/database.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { openTeam } from '../../postgres/team.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { Loaded } from '../contract/import-run.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { Run } from '../contract/run.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import { targetEnd } from '../ends/connect.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { keptUntil } from '../ends/kept-until.ts';
import { inventoryScope } from '../prove/verify-inventory.ts';
import type { SearchRun } from '../search/search-run.ts';
import type { OpenSource } from '../source/open-source.ts';
import { applyRows, pairRows } from './apply-rows.ts';
import type { PairedTable, RowCounts } from './apply-rows.ts';
import { keepBeforeImages, undoSchemaOf } from './before-images.ts';
import { filledOf, mergeTables, refuseParts } from './changes.ts';
import type { Changes } from './changes.ts';
import { deferrableFaults } from './check-deferrable.ts';
import { checkReferences } from './check-references.ts';
import { compareRows } from './compare-rows.ts';
import type { Compared, ComparedRows } from './compare-rows.ts';
import { keepParents } from './keep-parents.ts';
import { stagingSql } from './merge-table.ts';
import { mergedOf } from './merged.ts';
import { proveRows, removedRows, writtenSince } from './prove-rows.ts';
import { refreshesOf, refreshViews } from './refresh-views.ts';
import { sequencesToChange, setSequences } from './sequences.ts';
import { settleOrphans } from './settle-orphans.ts';
import { stageRows } from './stage-rows.ts';
import { beginMerge, commitMerge } from './transaction.ts';

export interface MergeInput {
  readonly target: OpenTarget;
  readonly source: OpenSource;
  readonly plan: ImportPlan;
  /** The target as it was checked. */
  readonly model: CatalogModel;
  readonly receipt: (merged: Merged) => Receipt | null;
  readonly search: SearchRun | null;
  readonly orphans: OrphanPolicies;
}

export interface Merged extends Loaded {
  /** Where the rows are kept that an undo needs; null where nothing was changed. */
  readonly undoSchema: string | null;
  /** Bytes of rows that travelled. */
  readonly rowBytes: number;
}

/**
 * Makes the rows of the target's tables equal to the source's, and touches no other row. Both ends are compared in a
 * snapshot each; the rows that differ are brought into temporary tables; then one transaction keeps writers off, makes
 * the changes, checks what foreign keys and triggers would have checked, and proves every table by the source's digest
 * before it commits. Readers never wait. Where nothing differs nothing is written. The search follows later.
 */
export async function mergeRows(run: Run, input: MergeInput): Promise<Merged> {
  const { source, target, plan, model } = input;
  const { report } = run;
  report.step('compare', 'Comparing both ends');
  const compared = await compareRows(run, { source, target: { ...target, model }, plan });
  await using database = run.connect(targetEnd(target.environment), { access: 'write', connections: 3 });
  const session = await database.connect(run);
  try {
    const sequences = await sequencesToChange(session, plan, run);
    const emptied = await filledOf(session, plan, model, run);
    const differing = compared.tables.filter(({ keys }) => keys.length > 0);
    if (differing.length + emptied.length + sequences.length === 0) {
      await source.prove();
      return { ...mergedOf(compared, [], plan), undoSchema: null, rowBytes: 0 };
    }
    refuseParts(differing);
    report.step('load', 'Bringing the rows that differ');
    const changes = await mergeTables(session, differing, emptied, run);
    const rowBytes = await stageAll(run, source, session, changes.staged);
    return await inOneTransaction(run, session, database, input, { compared, changes, rowBytes });
  } catch (error) {
    if (isUnsettled(error)) run.journal.leaveOpen();
    else run.signal.throwIfAborted();
    throw databaseError(error, 'target', `Merging rows into "${target.environment.name}"`);
  } finally {
    await session.rollback();
    await session.release();
  }
}

async function stageAll(
  run: Run,
  source: OpenSource,
  session: Session,
  staged: Changes['staged'],
): Promise<number> {
  const { report, signal } = run;
  return withReleasers(async (releasers) => {
    const [reader] = await openTeam(source, 1, releasers, { signal });
    if (reader === undefined) throw new Error('one session');
    let bytes = 0;
    for (const { table, rows } of staged) {
      report.itemStarted(table.name, { rows: rows.keys.reduce((sum, keys) => sum + keys.length, 0) });
      const from = { session: reader, table: rows.pair.source, keys: rows.keys };
      bytes += await stageRows(session, table, from, { signal });
      report.itemDone(table.name);
    }
    return bytes;
  });
}

interface Found {
  readonly compared: Compared;
  readonly changes: Changes;
  readonly rowBytes: number;
}

async function inOneTransaction(
  run: Run,
  session: Session,
  database: Database,
  input: MergeInput,
  { compared, changes, rowBytes }: Found,
): Promise<Merged> {
  const { target, plan, model, search, source } = input;
  const { report, signal } = run;
  const options = { signal };
  const present = new Set(model.tables.map(({ schema, name }) => qualifiedName(schema, name)));
  const children = orphanTables(model, plan, input.orphans);
  const locked = [
    ...[...plan.load, ...plan.empty]
      .map((table) => onOtherEnd(plan.names, table))
      .filter(({ schema, name }) => present.has(qualifiedName(schema, name))),
    ...children,
  ];
  report.step('verify', 'Locking the tables against writers');
  await beginMerge(run, session, target, locked);
  refuseChangedDefinitions(model, await readCatalog(session, inventoryScope(plan, 'target'), options));
  const { paired, stays, notes } = await changeRows(run, session, compared, {
    changes,
    children,
    orphans: input.orphans,
  });
  // Again, now that the tables are locked.
  const sequences = await sequencesToChange(session, plan, options);
  const told = { ...mergedOf(compared, paired, plan, stays), notes, rowBytes };
  // Of the rows that differ all stay: the transaction is given up, and nothing is there to undo.
  if (sequences.length === 0 && paired.every(({ counts }) => total(counts) === 0)) {
    await source.prove();
    return { ...told, undoSchema: null };
  }
  await setSequences(session, sequences, options);
  const refreshes = refreshesOf(model);
  const changed = [
    ...paired.map(({ table }) => table.into),
    ...sequences.map(({ schema, name }) => qualifiedName(schema, name)),
  ];
  const { lockWaitSeconds: waitSeconds } = run.config.sync;
  await refreshViews(session, { statements: refreshes, changed, waitSeconds }, options);
  const undoSchema = undoSchemaOf(run.id);
  const kept = {
    job: run.id,
    until: await keptUntil(session, run.config.sync.keepDatabaseHours),
    tables: paired.map(({ table }) => ({
      ...table,
      relations: locked.filter((one) => table.name.split(', ').includes(tableName(one))),
    })),
    sequences,
    refreshes,
  };
  await keepBeforeImages(session, undoSchema, kept, options);
  await search?.check(session);
  await source.prove();
  const done = { ...told, undoSchema };
  await commitMerge(run, session, database, {
    target,
    receipt: input.receipt(done),
    search: search !== null,
  });
  return done;
}

interface ToChange {
  readonly changes: Changes;
  /** Kept tables that are locked because policies may change them. */
  readonly children: readonly { readonly schema: string; readonly name: string }[];
  readonly orphans: OrphanPolicies;
}

interface ChangedRowsOf {
  readonly paired: readonly PairedTable[];
  /** Table → rows that stay beside the source's. */
  readonly stays: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
}

/** Makes the changes, and proves them. */
async function changeRows(
  { report, signal }: Run,
  session: Session,
  compared: Compared,
  { changes: { staged, emptied }, children, orphans }: ToChange,
): Promise<ChangedRowsOf> {
  const options = { signal };
  const since = await writtenSince(session, compared, options);
  report.step('verify', 'Changing the rows inside the transaction');
  const ofStaged: PairedTable[] = [];
  for (const { table } of staged) ofStaged.push(await pairRows(session, table, 'of keys', options));
  const ofEmptied: PairedTable[] = [];
  for (const table of emptied) {
    await session.execute(stagingSql(table), options);
    ofEmptied.push(await pairRows(session, table, 'all', options));
  }
  const alike = compared.tables.map(nameOf);
  const kept = await keepParents(
    session,
    { alike, staged: ofStaged, emptied: ofEmptied, policies: orphans },
    options,
  );
  const paired = [...kept.staged, ...ofEmptied];
  const removed = await removedRows(session, staged, 'removed', options);
  const withStaying = staged.filter((_, index) => kept.stays.has(index));
  const staying = await removedRows(session, withStaying, 'staying', options);
  await applyRows(session, paired, options);
  report.step('verify', 'Proving every table inside the transaction');
  await proveRows(session, { compared, staged, emptied, since, removed, staying }, options);
  const merged = paired.map(({ table }) => table);
  const settled = await settleOrphans(
    session,
    { alike, changed: merged, kept: children, policies: orphans },
    options,
  );
  const tables = [...merged, ...settled.paired.map(({ table }) => table)];
  refuseBrokenKeys(await deferrableFaults(session, tables, options));
  // A table with rows of its own again is not the source's alone.
  const others = new Set(withStaying.map(({ rows }) => nameOf(rows)));
  await checkReferences(
    session,
    alike.filter((name) => !others.has(name)),
    tables,
    options,
  );
  return {
    paired: [...paired, ...settled.paired],
    stays: new Map([...kept.stays].map(([index, rows]) => [paired[index]?.table.name ?? '', rows])),
    notes: [...kept.notes, ...settled.notes],
  };
}

function total({ inserted, updated, deleted }: RowCounts): number {
  return inserted + updated + deleted;
}

function nameOf({ pair: { targetTable } }: ComparedRows): string {
  const { schema, name } = targetTable.loadThrough ?? targetTable;
  return qualifiedName(schema, name);
}

/** Rows that the source has alike, where its operators say otherwise than the target's. */
function refuseBrokenKeys(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new SyncError('TARGET_UNSUPPORTED', `${faults.join('; ')}.`, {
    details: { constraints: faults },
    hint: 'The rows are the source’s; both servers do not compare their values alike. Nothing was changed.',
  });
}

/** CONFLICT_TARGET_CHANGED: somebody changed definitions between the checks and the lock. */
function refuseChangedDefinitions(before: CatalogModel, now: CatalogModel): void {
  const changed = compareModels(before, now, { owners: true, privileges: true }).filter(
    ({ kind }) => kind !== 'sequence',
  );
  if (changed.length === 0) return;
  const names = changed.map(({ name }) => name);
  throw new SyncError('CONFLICT_TARGET_CHANGED', `The target was changed meanwhile: ${names.join(', ')}.`, {
    details: { objects: names },
    hint: 'Nothing was changed by this run. Run again.',
  });
}
