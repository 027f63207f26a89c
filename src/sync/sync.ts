import { DumpReader } from '../dump/dump-reader.ts';
import { removeDump } from '../dump/store.ts';
import type { Environment } from '../environments/environment.ts';
import { SyncError } from '../errors/sync-error.ts';
import { withReleasers } from '../lib/releasers.ts';
import { rulesOf, schemaNames } from '../plan/schema-names.ts';
import { checkQueries } from '../search/check-queries.ts';
import { dumpWorkBytes, openAndSelect, readBack, takeDump } from './backup.ts';
import type { TakenDump } from './backup.ts';
import { environmentNamed } from './environments.ts';
import { importDump } from './import-dump.ts';
import type { Imported } from './import-dump.ts';
import type { JobContext } from './job-context.ts';
import { finishedBefore } from './journal/records.ts';
import { importFacts, makeReceipt } from './receipt.ts';
import { extensionMentions } from './source/extension-mentions.ts';
import { refuseEmpty } from './source/refuse-empty.ts';
import { checkTargetAllowed, openTarget } from './target/open-target.ts';
import type { OpenTarget } from './target/open-target.ts';
import { retireDumps } from './retention.ts';
import { checkTwoDatabases } from './two-ends.ts';
import type { Receipt, SyncInput } from './verbs.ts';

/**
 * Makes the target equal to the source: database, then search. The source is read in one snapshot into a dump of the
 * catalogue; the rest is an import of that dump (import-dump.ts). Whatever fails before the switch leaves the target as
 * it was.
 */
export async function syncEnvironments(context: JobContext, input: SyncInput): Promise<Receipt> {
  const startedAt = context.now();
  const { config, report } = context;
  const from = environmentNamed(config, input.source);
  const to = environmentNamed(config, input.target);
  checkTargetAllowed(to, input.confirm);
  const search = input.search ?? (to.search !== null && config.collections.length > 0);
  if (search && to.search === null)
    throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${to.name}" has no Typesense.`);
  const backup = input.backup ?? config.sync.backup;
  planSteps(context, backup === 'file', search);

  report.step('recover', 'Looking for what an earlier run left');
  await using target = await openTarget(context, to, context.jobId, context);
  const before = await finishedBefore(config, context.jobId);
  if (before !== null) return before;
  report.step('check', `Opening "${from.name}"`);
  const dump = await readSource({ ...context, signal: target.signal }, from, target, { ...input, search });
  try {
    await using reader = await DumpReader.open(dump.paths.file, dump.manifest);
    const receipt = (imported: Imported): Receipt =>
      makeReceipt(context, 'sync', startedAt, {
        source: from.name,
        target: to.name,
        ...importFacts(
          {
            ...imported,
            warnings: [...dump.warnings, ...imported.warnings],
            leftOut: [...dump.leftOut, ...imported.leftOut],
          },
          dump.receipt,
        ),
      });
    const imported = await importDump(
      context,
      target,
      reader,
      {
        jobId: context.jobId,
        runId: context.runId,
        mode: input.mode ?? 'auto',
        backup,
        search,
        owners: input.owners ?? config.sync.owners,
        privileges: input.privileges ?? config.sync.privileges,
        leaveOut: input.leaveOut,
        roles: input.roles,
        receipt,
      },
      context,
    );
    await retireDumps(context, [
      dump.manifest.dumpId,
      ...(imported.backup === null ? [] : [imported.backup.dumpId]),
    ]);
    return receipt(imported);
  } catch (error) {
    // A dump of a failed run helps nobody, and a full disk may be why it failed.
    await removeDump(dump.paths);
    throw error;
  }
}

interface ReadSource extends TakenDump {
  /** A sentence for each object that a policy leaves out, and for each text that names a renamed schema. */
  readonly warnings: readonly string[];
  /** Identities of what cannot be carried and is left out, as the options say. */
  readonly leftOut: readonly string[];
}

/** Exports the source with the policies applied, and closes it before the target is touched. */
async function readSource(
  context: JobContext,
  from: Environment,
  target: OpenTarget,
  { search, leaveOut = [] }: { readonly search: boolean; readonly leaveOut?: readonly string[] | undefined },
): Promise<ReadSource> {
  const { config, report } = context;
  return withReleasers(async (releasers) => {
    const names = schemaNames(from.schema, target.environment.schema);
    const dumpInput = {
      environment: from,
      jobId: context.jobId,
      purpose: 'export' as const,
      compression: config.dumps.compression,
      workers: config.sync.workers,
      policies: rulesOf(config.tablePolicies, names, 'source'),
      leaveOut: [...config.sync.leaveOut, ...leaveOut],
      secrets: config.sync.secrets,
      tablespaces: config.sync.tablespaces,
    };
    const { source, selection } = await openAndSelect(releasers, dumpInput, context);
    checkTwoDatabases(source, target.facts, from.name, target.environment.name);
    if (search)
      await checkQueries(source.leader, config.collections, from.schema, {
        signal: context.signal,
        side: 'source',
      });
    await refuseEmpty(source, config.mustHaveRows, names, context);
    const mentioned = names === null ? [] : await extensionMentions(source.leader, names, context);
    for (const sentence of mentioned) report.log('warn', sentence);
    const bytes = dumpWorkBytes(source, selection);
    report.step('export', `Reading "${from.name}"`);
    for (const step of ['export', 'load', 'verify'] as const) report.estimate(step, bytes);
    report.estimate('export', bytes, null, selection.tables.length);
    const dump = await takeDump(context, source, selection, dumpInput, context);
    try {
      report.estimate('load', dump.manifest.rawBytes);
      report.estimate('verify', dump.manifest.rawBytes);
      await readBack(dump, context);
    } catch (error) {
      await removeDump(dump.paths);
      throw error;
    }
    return { ...dump, warnings: [...selection.leftOut, ...mentioned], leftOut: selection.named };
  });
}

function planSteps(context: JobContext, backup: boolean, search: boolean): void {
  context.report.plan([
    { id: 'recover', bytes: 0 },
    { id: 'check', bytes: 0 },
    { id: 'export', bytes: 1 },
    ...(backup
      ? ([
          { id: 'backup', bytes: 1 },
          { id: 'readback', bytes: 1 },
        ] as const)
      : []),
    { id: 'prepare', bytes: 0 },
    { id: 'load', bytes: 1 },
    { id: 'build', bytes: 0 },
    { id: 'verify', bytes: 1 },
    ...(search ? ([{ id: 'search-build', bytes: 1 }] as const) : []),
    ...(context.config.tablePolicies.length > 0 ? ([{ id: 'keep', bytes: 0 }] as const) : []),
    { id: 'switch', bytes: 0 },
    { id: 'clean', bytes: 0 },
  ]);
}
