import { findDump, openDump } from '../dump/store.ts';
import { SyncError } from '../errors/sync-error.ts';
import { Database } from '../postgres/database.ts';
import { digestHex, tableDigest } from '../postgres/digest.ts';
import { restoreAliases } from '../search/restore-aliases.ts';
import { environmentNamed } from './environments.ts';
import { importDump } from './import-dump.ts';
import type { JobContext } from './job-context.ts';
import { finishedBefore, readJobRecord, writeJobRecord } from './journal/records.ts';
import { importFacts, makeReceipt } from './receipt.ts';
import { returnKept } from './replace/switch.ts';
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
  await refuseLostRows(context, target, receipt);
  context.signal.throwIfAborted();
  context.report.step('switch', `Making "${kept}" live as "${facts.name}" again`);
  const keepAs = ownDatabaseName(facts.name, 'undone', context.runId);
  const outcome = {
    mode: 'replace',
    modeReason: `the database kept by job ${receipt.jobId} is live again`,
    keptDatabase: keepAs,
  } as const;
  await context.journal.write({
    entry: 'switch',
    shadowOid: marked.oid,
    aliases: aliasGoals(target, receipt),
    receipt: makeReceipt(context, 'rollback', context.now(), { target: target.environment.name, ...outcome }),
    undoes: receipt.jobId,
  });
  await returnKept(maintenance, {
    live: facts.name,
    next: kept,
    comment: marked.marker.comment,
    keepAs,
    jobId: context.jobId,
    now: context.now(),
  });
  return outcome;
}

/** Rows a policy keeps belong to people: what they wrote since the job must not vanish with an undo. */
async function refuseLostRows(context: JobContext, target: OpenTarget, receipt: Receipt): Promise<void> {
  const kept = receipt.tables.filter(({ content }) => content === 'kept');
  if (kept.length === 0) return;
  const model = await readTarget(target.environment, context.jobId, context);
  await using database = new Database({
    url: target.environment.database,
    purpose: 'source',
    applicationName: `multiboard-sync ${context.jobId}`,
    connectionsMax: 1,
  });
  const changed = await database.withSession(async (session) => {
    const names: string[] = [];
    for (const { table, digest } of kept) {
      const found = model.tables.find(({ schema, name }) => `${schema}.${name}` === table);
      const now = found === undefined ? null : digestHex(await tableDigest(session, found, context));
      if (now !== digest) names.push(table);
    }
    return names;
  }, context.signal);
  if (changed.length === 0) return;
  throw new SyncError(
    'CONFLICT_UNDO_CHANGED',
    `Undoing would lose rows that were written since in ${changed.length} kept table(s): ${changed.join(', ')}.`,
    {
      details: { tables: changed },
    },
  );
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
