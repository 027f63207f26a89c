import { findDump, openDump } from '../dump/store.ts';
import type { CatalogModel } from '../catalog/model.ts';
import { SyncError } from '../errors/sync-error.ts';
import { Releasers } from '../lib/releasers.ts';
import { Database } from '../postgres/database.ts';
import { qualifiedName } from '../postgres/identifiers.ts';
import type { Session } from '../postgres/session.ts';
import { databaseError } from '../postgres/sqlstate.ts';
import { restoreAliases } from '../search/restore-aliases.ts';
import { environmentNamed } from './environments.ts';
import { importDump } from './import-dump.ts';
import type { JobContext } from './job-context.ts';
import { finishedBefore, readJobRecord, writeJobRecord } from './journal/records.ts';
import { importFacts, makeReceipt } from './receipt.ts';
import { returnKeptRows } from './load/return-rows.ts';
import { endSessions, returnKept, setDoor, shutDoor } from './replace/switch.ts';
import type { SwapInput } from './replace/switch.ts';
import { markedDatabases, ownDatabaseName } from './target/marker.ts';
import { checkTargetAllowed, openTarget } from './target/open-target.ts';
import type { OpenTarget } from './target/open-target.ts';
import { readTarget } from './target/read-target.ts';
import { findDatabase } from './target/target-facts.ts';
import type { Receipt, RollbackInput } from './verbs.ts';

/**
 * Undoes a job: the database kept at its switch goes live again (seconds), or, after `in-place`, its safety dump is
 * imported; the search aliases go back to the collections of before. What was live until now is kept in turn.
 * Errors: USAGE_NOT_FOUND, CONFLICT_STATE, CONFLICT_UNDO_GONE, CONFLICT_UNDO_CHANGED, those of a switch.
 */
export async function rollbackJob(context: JobContext, input: RollbackInput): Promise<Receipt> {
  const startedAt = context.now();
  const { config, report } = context;
  const record = await readJobRecord(config, input.jobId);
  if (record === null)
    throw new SyncError('USAGE_NOT_FOUND', `There is no record of a job "${input.jobId}".`);
  const receipt = record.receipt;
  if (record.state !== 'done' || receipt === null || receipt.type !== 'receipt' || receipt.target === null) {
    throw new SyncError(
      'CONFLICT_STATE',
      `Job "${record.id}" (${record.kind}, ${record.state}) changed nothing that could be undone.`,
    );
  }
  if (record.undoneBy !== null)
    throw new SyncError('CONFLICT_STATE', `Job "${record.id}" was undone already by "${record.undoneBy}".`);
  const environment = environmentNamed(config, receipt.target);
  checkTargetAllowed(environment, input.confirm);
  report.plan([
    { id: 'recover', bytes: 0 },
    { id: 'check', bytes: 1 },
    { id: 'switch', bytes: 1 },
    { id: 'search-switch', bytes: 0 },
  ]);
  report.step('recover', 'Looking for what an earlier run left');
  await using target = await openTarget(context, environment, context.jobId, context);
  const before = await finishedBefore(config, context.jobId);
  if (before !== null) return before;
  report.step('check', 'Checking what would be undone');
  const facts =
    receipt.keptDatabase !== null
      ? await switchBack(context, target, receipt, receipt.keptDatabase)
      : receipt.mode === 'in-place' && receipt.backup !== null
        ? await importSafetyCopy(context, target, receipt.backup.dumpId)
        : {};
  if (receipt.collections.length > 0) await switchSearchBack(context, target, receipt);
  await context.journal.write({ entry: 'aliases', moved: true });
  await writeJobRecord(config, { ...record, undoneBy: context.jobId });
  return makeReceipt(context, 'rollback', startedAt, { target: environment.name, ...facts });
}

async function switchBack(
  context: JobContext,
  target: OpenTarget,
  receipt: Receipt,
  kept: string,
): Promise<Partial<Receipt>> {
  const { maintenance, facts } = target;
  if (maintenance === null)
    throw new SyncError(
      'TARGET_PRIVILEGE',
      'This role may connect to no other database, so it cannot rename this one.',
    );
  const marked = (await markedDatabases(maintenance, facts.name, {})).find(({ name }) => name === kept);
  if (marked === undefined || (await findDatabase(maintenance, kept, {})) === null) {
    throw new SyncError(
      'CONFLICT_UNDO_GONE',
      `The database "${kept}" kept by job "${receipt.jobId}" is gone.`,
      {
        details: { backup: receipt.backup?.dumpId ?? null },
      },
    );
  }
  const keepAs = ownDatabaseName(facts.name, 'undone', context.runId);
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
    jobId: context.jobId,
    now: context.now(),
  };
  const warnings = await bringRowsBack(context, target, receipt, swap, maintenance, async () => {
    await context.journal.write({
      entry: 'switch',
      shadowOid: marked.oid,
      aliases: aliasGoals(target, receipt),
      receipt: makeReceipt(context, 'rollback', context.now(), {
        target: target.environment.name,
        ...outcome,
      }),
      undoes: receipt.jobId,
    });
  });
  return { ...outcome, warnings };
}

/**
 * Rows a policy keeps belong to people: what they wrote since the job goes back with the undo. Writers wait from the
 * moment it is compared until the switch.
 */
async function bringRowsBack(
  context: JobContext,
  target: OpenTarget,
  receipt: Receipt,
  swap: SwapInput,
  maintenance: Session,
  beforeSwitch: () => Promise<void>,
): Promise<readonly string[]> {
  const kept = receipt.tables.filter(({ content }) => content === 'kept').map(({ table }) => table);
  const releasers = new Releasers();
  let returned: readonly string[] = [];
  try {
    if (kept.length > 0) {
      // Its door was shut when it was put aside; nobody knows its name.
      await setDoor(maintenance, swap.next, true);
      releasers.defer(() => setDoor(maintenance, swap.next, false));
      const end = async (databaseName: string): Promise<{ session: Session; model: CatalogModel }> => {
        const url = target.environment.database.withDatabase(databaseName);
        const database = new Database({
          url,
          purpose: 'target',
          applicationName: `multiboard-sync ${context.jobId}`,
          connectionsMax: 1,
        });
        releasers.defer(() => database.close());
        const model = await readTarget({ ...target.environment, database: url }, context.jobId, context);
        const session = await database.connect(context);
        releasers.defer(() => session.release());
        return { session, model };
      };
      const live = await end(swap.live);
      const old = await end(swap.next);
      await lockTables(live.session, kept, live.model, context);
      returned = await returnKeptRows(live, old, kept, context);
      context.signal.throwIfAborted();
      // The door of the live one shuts while its writers still wait for our lock: none slips through.
      await shutDoor(maintenance, swap, 'returning');
      try {
        await endSessions(maintenance, swap.live, [live.session.pid]);
      } catch (error) {
        await setDoor(maintenance, swap.live, true);
        throw error;
      }
    }
  } finally {
    await releasers.release();
  }
  context.signal.throwIfAborted();
  context.report.step('switch', `Making "${swap.next}" live as "${swap.live}" again`);
  await beforeSwitch();
  await returnKept(maintenance, swap);
  return returned.map((table) => `The rows written since into ${table} were brought along.`);
}

async function lockTables(
  session: Session,
  tables: readonly string[],
  model: CatalogModel,
  context: JobContext,
): Promise<void> {
  const names = model.tables
    .filter(({ schema, name }) => tables.includes(`${schema}.${name}`))
    .map(({ schema, name }) => qualifiedName(schema, name));
  try {
    await session.execute('BEGIN', context);
    if (names.length > 0)
      await session.execute(`LOCK TABLE ONLY ${names.join(', ONLY ')} IN SHARE MODE`, context);
  } catch (error) {
    context.signal.throwIfAborted();
    throw databaseError(error, 'target', 'Locking the tables whose rows are kept');
  }
}

async function importSafetyCopy(
  context: JobContext,
  target: OpenTarget,
  dumpId: string,
): Promise<Partial<Receipt>> {
  const { paths } = await findDump(context.config, dumpId);
  await using reader = await openDump(paths);
  await reader.verify({ signal: context.signal });
  const imported = await importDump(
    { config: { ...context.config, tablePolicies: [] }, journal: context.journal },
    target,
    reader,
    {
      jobId: context.jobId,
      runId: context.runId,
      mode: 'in-place',
      backup: 'file',
      search: false,
      owners: true,
      privileges: true,
      receipt: () => null,
    },
    context,
  );
  return importFacts(imported, null);
}

async function switchSearchBack(context: JobContext, target: OpenTarget, receipt: Receipt): Promise<void> {
  const { search } = target.environment;
  if (search === null) return;
  context.report.step('search-switch', 'Moving the search aliases back');
  // The database is back already: no cancel in between.
  await restoreAliases({ cluster: search, now: context.now }, aliasGoals(target, receipt), {
    signal: new AbortController().signal,
  });
}

function aliasGoals(target: OpenTarget, receipt: Receipt): { alias: string; collection: string | null }[] {
  if (target.environment.search === null) return [];
  return receipt.collections.map(({ alias, previous }) => ({ alias, collection: previous }));
}
