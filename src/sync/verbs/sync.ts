import { DumpReader } from '../../dump/dump-reader.ts';
import { removeDump } from '../../dump/store.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { leavesObjects } from '../../plan/modes.ts';
import { rulesOf } from '../../plan/schema-names.ts';
import { dumpWorkBytes, readBack, takeDump } from '../source/take-dump.ts';
import type { TakenDump } from '../source/take-dump.ts';
import { firstFault } from '../check/blockers.ts';
import { askedOf, partsOf } from '../check/asked.ts';
import { checkRequest } from '../check/check-sync.ts';
import type { SyncRequest } from '../check/check-sync.ts';
import { environmentNamed } from '../ends/environments.ts';
import { restrictEnds } from '../ends/restriction.ts';
import { importDump } from './import-dump.ts';
import { mergeEnvironments } from './merge.ts';
import { openBoth } from './open-both.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { finishedBefore } from '../journal/records.ts';
import { importFacts, makeReceipt } from './make-receipt.ts';
import { staleSearch } from '../search/stale-search.ts';
import { openTarget } from '../recover/open-target.ts';
import { retireDumps } from '../dumps/retention.ts';
import type { SyncInput } from '../contract/inputs.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { Imported } from '../contract/import-run.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import type { SeenTarget } from '../contract/seen-target.ts';

/**
 * Makes the target equal to the source: database, then search. The source is read in one snapshot into a dump of the
 * catalogue; the rest is an import of that dump (import-dump.ts). Whatever fails before the switch leaves the target as
 * it was.
 */
export async function syncEnvironments(run: Run, input: SyncInput): Promise<Receipt> {
  const startedAt = run.now();
  const { config, report } = run;
  const named = {
    source: environmentNamed(config, input.source),
    target: environmentNamed(config, input.target),
  };
  const asked = askedOf(config, named.target, input);
  await checkRequest({ from: named.source, to: named.target, confirm: input.confirm, asked }, firstFault);
  const stale = asked.search ? [] : staleSearch(config, named.target);
  report.plan(stepsOf('sync', partsOf(config, asked)));

  report.step('recover', 'Looking for leftovers of an earlier run');
  const { source: from, target: to, notes } = await restrictEnds(run, { ...named, asked: input.schemas });
  for (const sentence of notes) report.log('info', sentence);
  const request = { from, to, confirm: input.confirm, asked };
  await using target = await openTarget(run, to);
  const before = await finishedBefore(config, run.id);
  if (before !== null) return before;
  report.step('check', `Opening "${from.name}"`);
  // Awaited here: `await using` would close the target before.
  if (leavesObjects(asked.mode))
    return await mergeEnvironments(run, target, { request, notes, stale, startedAt });
  const dump = await readSource({ ...run, signal: target.signal }, request, target);
  try {
    await using reader = await DumpReader.open(dump.paths.file, dump.manifest);
    const receipt = (imported: Imported): Receipt =>
      makeReceipt(run, 'sync', startedAt, {
        source: from.name,
        target: to.name,
        ...importFacts(
          {
            ...imported,
            warnings: [...notes, ...dump.warnings, ...imported.warnings, ...stale],
            leftOut: [...dump.leftOut, ...imported.leftOut],
          },
          dump.receipt,
        ),
      });
    const imported = await importDump(run, target, reader, {
      asked,
      seen: dump.seen,
      receipt,
    });
    for (const sentence of stale) report.log('warn', sentence);
    await retireDumps(run, [
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
  readonly seen: SeenTarget | undefined;
}

/**
 * Makes every check that a plan makes, then exports the source with the policies applied, and closes it before the
 * target is touched.
 */
async function readSource(run: Run, request: SyncRequest, target: OpenTarget): Promise<ReadSource> {
  const { config, report } = run;
  const { from } = request;
  return withReleasers(async (releasers) => {
    const at = run.now();
    const {
      names,
      source,
      target: seen,
      checked,
      selection,
      mentioned,
    } = await openBoth(run, request, target, releasers);
    const dumpInput = {
      environment: from,
      purpose: 'export' as const,
      compression: config.dumps.compression,
      workers: config.sync.workers,
      policies: rulesOf(config.tablePolicies, names, 'source'),
      leaveOut: request.asked.leaveOut,
      secrets: config.sync.secrets,
      tablespaces: config.sync.tablespaces,
    };
    const bytes = dumpWorkBytes(source, selection);
    report.step('export', `Reading "${from.name}"`);
    for (const step of ['export', 'load', 'verify'] as const) report.estimate(step, bytes);
    report.estimate('export', bytes, null, selection.tables.length);
    const dump = await takeDump(run, source, selection, dumpInput);
    try {
      report.estimate('load', dump.manifest.rawBytes);
      report.estimate('verify', dump.manifest.rawBytes);
      await readBack(run, dump);
    } catch (error) {
      await removeDump(dump.paths);
      throw error;
    }
    const { choice, rights, warnings } = checked;
    return {
      ...dump,
      warnings: [...selection.leftOut, ...mentioned],
      leftOut: selection.named,
      seen: seen === null ? undefined : { at, model: seen.model, checked: { choice, rights, warnings } },
    };
  });
}
