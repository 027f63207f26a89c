import { largeObjectsName } from '../../environments/table-policy.ts';
import type { Manifest } from '../../dump/manifest.ts';
import { findDump, openDump } from '../../dump/store.ts';
import { lackWords } from '../../plan/way-back.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { outlookOfAliases, restoreAliases } from '../../search/restore-aliases.ts';
import { environmentNamed } from '../ends/environments.ts';
import { importDump } from './import-dump.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { finishedBefore, jobRecordsOf, readJobRecord, writeJobRecord } from '../journal/records.ts';
import type { JobRecord } from '../journal/records.ts';
import type { ReturnedRows } from '../kept/return-rows.ts';
import { importFacts, makeReceipt } from './make-receipt.ts';
import { returnKept, swapBack } from '../replace/return-kept.ts';
import { environmentsOn } from '../ends/in-use.ts';
import { keptUntil } from '../ends/kept-until.ts';
import { markedDatabases, ownDatabaseName } from '../ends/marker.ts';
import { openTarget } from '../recover/open-target.ts';
import { goBackLater } from '../search/go-back-later.ts';
import { readTarget } from '../ends/read-target.ts';
import { databaseIdentity, findDatabase } from '../ends/target-facts.ts';
import { otherDatabase } from '../undo/undo-database.ts';
import { keepsLargeObjects, keptInPlace, peoplesTables } from '../kept/undo-tables.ts';
import { refuseOvertaken, refuseUndone, undoOrder } from '../undo/undo-order.ts';
import type { UndoOrder } from '../undo/undo-order.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import type { Asked } from '../contract/import-run.ts';
import type { RollbackInput } from '../contract/inputs.ts';
import type { CollectionReceipt, Receipt } from '../contract/receipts.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { checkTargetAllowed } from '../ends/opened-target.ts';

/**
 * Undoes a job: the kept database goes live again (seconds) or, after `in-place`, the safety copy is imported; the
 * search aliases go back to their former collections. The database that was live until now is kept in turn. Errors:
 * USAGE_NOT_FOUND, CONFLICT_STATE, CONFLICT_UNDO_OVERTAKEN, CONFLICT_UNDO_GONE, CONFLICT_UNDO_CHANGED, those of a
 * switch.
 */
export async function rollbackJob(run: Run, input: RollbackInput): Promise<Receipt> {
  const startedAt = run.now();
  const { config, report } = run;
  const found = await recordOf(run, input.jobId);
  // One that died after its switch is finished by the recovery below; only then can be said what there is to undo.
  if (found.state !== 'running' || found.target === null) undoable(found);
  const environment = environmentNamed(config, found.target ?? '');
  checkTargetAllowed(environment, input.confirm);
  report.plan(stepsOf('rollback'));
  report.step('recover', 'Looking for leftovers of an earlier run');
  await using target = await openTarget(run, environment);
  const undoing = { ...run, signal: target.signal };
  const before = await finishedBefore(config, run.id);
  if (before !== null) return before;
  const record = await recordOf(run, input.jobId);
  const receipt = undoable(record);
  report.step('check', 'Checking what the undo would change');
  const order = undoOrder(record, await jobRecordsOf(config, environment.name));
  refuseOvertaken(record, order, input.passOver === true);
  const told = [
    ...order.overtakenBy.map((id) => `Job "${id}" ran later; its changes to the target are undone as well.`),
    ...removedAliases(target, receipt),
    ...lackWords(receipt.undoLacks),
  ];
  for (const sentence of told) report.log('warn', sentence);
  const collections = await collectionsBack(run, target, receipt);
  const facts =
    receipt.keptDatabase !== null
      ? await switchBack(undoing, target, receipt, receipt.keptDatabase, collections)
      : receipt.mode === 'in-place' && receipt.backup !== null
        ? await importBack(undoing, target, receipt, receipt.backup.dumpId, order)
        : await aliasesBack(undoing, target, receipt);
  await writeJobRecord(config, { ...record, undoneBy: run.id }).catch((error: unknown) => {
    // The job is undone all the same; the next run records it.
    run.journal.leaveOpen();
    report.log('warn', 'The record of the undone job could not be updated.', {
      reason: asSyncError(error).message,
    });
  });
  return makeReceipt(run, 'rollback', startedAt, {
    target: environment.name,
    ...facts,
    collections,
    warnings: [...told, ...(facts.warnings ?? [])],
  });
}

/** The undo of a first build removes the alias. */
function removedAliases(target: OpenTarget, receipt: Receipt): readonly string[] {
  const gone = aliasGoals(target, receipt).filter(({ collection }) => collection === null);
  return gone.map(
    ({ alias }) => `The search alias "${alias}" is removed: before job "${receipt.jobId}" there was none.`,
  );
}

async function recordOf({ config }: Run, jobId: string): Promise<JobRecord> {
  const record = await readJobRecord(config, jobId);
  if (record !== null) return record;
  throw new SyncError('USAGE_NOT_FOUND', `There is no record of a job "${jobId}".`);
}

/**
 * The receipt of a job that changed something, even if it failed afterwards, and was not undone yet. CONFLICT_STATE.
 */
function undoable({ id, kind, state, receipt, undoneBy }: JobRecord): Receipt {
  if (state === 'running' || receipt?.type !== 'receipt' || receipt.target === null)
    throw new SyncError(
      'CONFLICT_STATE',
      `Job "${id}" (${kind}, ${state}) changed nothing, so there is nothing to undo.`,
    );
  refuseUndone(id, { undoneBy });
  return receipt;
}

async function switchBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
  kept: string,
  collections: readonly CollectionReceipt[],
): Promise<Partial<Receipt>> {
  const { maintenance, facts } = target;
  if (maintenance === null)
    throw new SyncError(
      'TARGET_PRIVILEGE',
      'This role may not connect to any other database, so it cannot rename this one.',
    );
  const marked = (await markedDatabases(maintenance, facts.name, {})).own.find(
    ({ name, marker }) => name === kept && marker.jobId === receipt.jobId,
  );
  if (marked === undefined || (await findDatabase(maintenance, kept, {})) === null) {
    throw new SyncError(
      'CONFLICT_UNDO_GONE',
      `The database "${kept}" kept by job "${receipt.jobId}" is gone.`,
      {
        details: { backup: receipt.backup?.dumpId ?? null },
      },
    );
  }
  const namedBy = environmentsOn(run.config.environments, kept);
  if (namedBy.length > 0) {
    throw new SyncError(
      'CONFLICT_UNDO_GONE',
      `The database "${kept}" kept by job "${receipt.jobId}" now belongs to the environment ` +
        `"${namedBy.join('", "')}", which would lose it. Nothing was undone.`,
      { details: { backup: receipt.backup?.dumpId ?? null } },
    );
  }
  const keepAs = ownDatabaseName(facts.name, 'undone', run.attempt);
  const outcome = {
    mode: 'replace',
    modeReason: `the database kept by job ${receipt.jobId} is live again`,
    keptDatabase: keepAs,
  } as const;
  const swap = {
    live: facts.name,
    next: kept,
    comment: marked.marker.comment,
    keepAs,
    jobId: run.id,
    now: run.now(),
    keepUntil: await keptUntil(maintenance, run.config.sync.keepDatabaseHours),
  };
  const { environment } = target;
  const live = await readTarget(run, environment);
  const tables = peoplesTables(run, receipt, live);
  const largeObjects = keepsLargeObjects(run, receipt);
  const undo = {
    environment,
    swap,
    tables,
    largeObjects,
    beforeSwap: async (rows: ReturnedRows) => {
      run.report.step('switch', `Making "${kept}" live as "${facts.name}" again`);
      await run.journal.write({
        entry: 'switch',
        shadowOid: marked.oid,
        database: databaseIdentity(facts),
        aliases: aliasGoals(target, receipt),
        receipt: makeReceipt(run, 'rollback', run.now(), {
          target: target.environment.name,
          ...outcome,
          tables: rows.tables,
          largeObjects: rows.largeObjects,
          collections,
        }),
        undoes: receipt.jobId,
      });
    },
  };
  const rows = await returnKept(run, maintenance, undo).catch((error: unknown) => {
    if (isUnsettled(error)) run.journal.leaveOpen();
    throw error;
  });
  try {
    await searchBack(run, target, receipt);
  } catch (error) {
    // The aliases are unchanged, so the database goes forward again: both show the same state.
    const { at, until } = marked.marker;
    const before = { jobId: receipt.jobId, now: at, keepUntil: until };
    const forward = { ...swap, next: keepAs, keepAs: kept, ...before };
    await swapBack(run, maintenance, { environment, swap: forward, tables, largeObjects }, error);
  }
  return {
    ...outcome,
    tables: rows.tables,
    largeObjects: rows.largeObjects,
    rows: rows.tables.reduce((sum, table) => sum + table.rows, 0),
    warnings: [
      ...(marked.allowsConnections && marked.marker.opened !== true
        ? [
            `Somebody had opened the kept database "${kept}" to connections; what was ` +
              'written there since then is live now.',
          ]
        : []),
      ...rows.returned.map((table) => `The rows written since then into ${table} were carried over.`),
      ...rows.notes,
    ],
  };
}

/** CONFLICT_UNDO_GONE where the environment names another database than the one that the safety copy was taken of. */
function refuseOtherDatabase(
  target: OpenTarget,
  receipt: Receipt,
  manifest: Manifest,
  order: UndoOrder,
): void {
  const other = otherDatabase(target, receipt, manifest, order);
  if (other === null) return;
  const { dumpId } = manifest;
  throw new SyncError('CONFLICT_UNDO_GONE', `${other} Nothing was touched.`, {
    details: { backup: dumpId },
    hint:
      'Name the former database in the configuration again. To replace this one by the safety copy on ' +
      `purpose: multiboard-sync import ${dumpId} ${target.environment.name}.`,
  });
}

/** The target's own former state comes back: nothing is left out, and no role is mapped. */
const askedOfUndo: Asked = {
  mode: 'in-place',
  backup: 'file',
  search: false,
  owners: true,
  privileges: true,
  // What was applied since is said: to go back is what was asked for.
  ignoreMigrations: true,
  leaveOut: [],
  roles: {},
};

async function importBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
  dumpId: string,
  order: UndoOrder,
): Promise<Partial<Receipt>> {
  const { paths } = await findDump(run.config, dumpId);
  await using reader = await openDump(paths);
  refuseOtherDatabase(target, receipt, reader.manifest, order);
  await reader.verify({ signal: run.signal });
  const { kept, seen } = await keptInPlace(run, target, receipt, reader.manifest);
  const keptNames = [...kept, ...(keepsLargeObjects(run, receipt) ? [largeObjectsName] : [])];
  const tablePolicies = keptNames.map((table) => ({ table, policy: 'preserve' as const }));
  const imported = await importDump({ ...run, config: { ...run.config, tablePolicies } }, target, reader, {
    asked: askedOfUndo,
    // Receipts of earlier versions do not say it.
    undoing: { stays: receipt.stayed ?? [] },
    seen,
    // Until the aliases have followed, only the database is changed.
    receipt: (imported) =>
      makeReceipt(run, 'rollback', run.now(), {
        target: target.environment.name,
        ...importFacts(imported, null),
      }),
  }).catch((error: unknown) => {
    if (!(error instanceof SyncError) || error.code !== 'TARGET_KEPT_TABLE') throw error;
    throw new SyncError(
      'CONFLICT_UNDO_CHANGED',
      `Rows written after the run do not fit the old state: ${error.message} Nothing was undone.`,
      { cause: error, details: error.details },
    );
  });
  try {
    await searchBack(run, target, receipt);
  } catch (error) {
    const { code, message, details } = asSyncError(error);
    throw new SyncError(code, `The database is back to its previous state; the search is not: ${message}`, {
      cause: error,
      details,
      hint: 'Run "typesense" for this environment.',
    });
  }
  return importFacts(imported, null);
}

/** Where only the search was changed. */
async function aliasesBack(run: Run, target: OpenTarget, receipt: Receipt): Promise<Record<string, never>> {
  run.signal.throwIfAborted();
  await target.lock.prove(target.maintenance);
  return searchBack(run, target, receipt);
}

/** All aliases or none; says in the journal when it is done. */
async function searchBack(run: Run, target: OpenTarget, receipt: Receipt): Promise<Record<string, never>> {
  const { search } = target.environment;
  if (search !== null && receipt.collections.length > 0) {
    run.report.step('search-switch', 'Moving the search aliases back');
    // The database is back already: no cancel in between.
    const { signal } = new AbortController();
    const deps = { cluster: search, now: run.now };
    const goals = aliasGoals(target, receipt);
    const before = await outlookOfAliases(deps, goals, { signal });
    try {
      await restoreAliases(deps, goals, { signal, report: run.report });
    } catch (error) {
      // A swapped database goes forward again, and the aliases belong to it; a database changed in place is back
      // already.
      const stay = before.map(({ alias, from }) => ({ alias, collection: from }));
      await goBackLater(run.journal, receipt.mode === 'replace' ? stay : goals, error);
      throw error;
    }
  }
  await run.journal.note({ entry: 'aliases', moved: true });
  return {};
}

/** What the search will show when the aliases are back; an undo of this undo moves them again. Nothing is moved yet. */
async function collectionsBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
): Promise<readonly CollectionReceipt[]> {
  const { search } = target.environment;
  if (search === null || receipt.collections.length === 0) return [];
  const seen = await outlookOfAliases({ cluster: search, now: run.now }, aliasGoals(target, receipt), run);
  return seen.map(({ alias, collection, from, documents }) => ({
    alias,
    collection,
    previous: from,
    documents,
    // It was verified when it was built, but not since.
    verified: false,
    seconds: 0,
  }));
}

function aliasGoals(target: OpenTarget, receipt: Receipt): { alias: string; collection: string | null }[] {
  if (target.environment.search === null) return [];
  return receipt.collections.map(({ alias, previous }) => ({ alias, collection: previous }));
}
