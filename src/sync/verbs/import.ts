import type { DumpReader } from '../../dump/dump-reader.ts';
import { findDump, hasManifest, openDump, pathsBeside } from '../../dump/store.ts';
import type { DumpPaths } from '../../dump/store.ts';
import { askSearch } from '../check/ask-search.ts';
import { environmentNamed } from '../ends/environments.ts';
import { withForeignDump } from '../foreign/with-foreign-dump.ts';
import { importDump } from './import-dump.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { finishedBefore } from '../journal/records.ts';
import { importFacts, makeReceipt } from './make-receipt.ts';
import { dumpReceipt } from '../source/take-dump.ts';
import { staleSearch } from '../search/stale-search.ts';
import { askedOf, partsOf, refuseWithoutSearch } from '../check/asked.ts';
import { openTarget } from '../recover/open-target.ts';
import type { ImportInput } from '../contract/inputs.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { Imported } from '../contract/import-run.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { checkTargetAllowed } from '../ends/opened-target.ts';

/**
 * Makes a target equal to a dump of the catalogue, or (command line only) to a file: one of ours with its manifest
 * beside it, or plain `pg_dump` output. The whole file is checked before the target is opened for writing.
 */
export async function importIntoEnvironment(run: Run, input: ImportInput): Promise<Receipt> {
  const startedAt = run.now();
  const { config, report } = run;
  const to = environmentNamed(config, input.target);
  checkTargetAllowed(to, input.confirm);
  const asked = askedOf(config, to, input);
  const { search, owners, privileges } = asked;
  if (search) refuseWithoutSearch(to);
  report.plan(stepsOf('import', partsOf(config, asked)));
  const stale = search ? [] : staleSearch(config, to);
  const ofSearch: string[] = [];
  /**
   * On the open target. A receipt: an attempt that died has done it. A search that cannot be built is known before rows
   * move.
   */
  const begin = async (): Promise<Receipt | null> => {
    const before = await finishedBefore(config, run.id);
    if (before !== null || !search) return before;
    report.step('check', `Checking the search of "${to.name}"`);
    ofSearch.push(
      ...(await askSearch(run, { environment: to, collections: config.collections, confirmed: true })),
    );
    for (const sentence of ofSearch) report.log('warn', sentence);
    return null;
  };
  report.step('inspect', 'Checking the dump');
  const importFrom = async (
    target: OpenTarget,
    reader: DumpReader,
    paths: DumpPaths,
    notes: readonly string[] = [],
  ): Promise<Receipt> => {
    for (const step of ['load', 'verify'] as const) report.estimate(step, reader.manifest.rawBytes);
    const dump = dumpReceipt(reader.manifest, paths, reader.manifest.durationMs / 1000);
    const receipt = (imported: Imported): Receipt => {
      const warnings = [...notes, ...ofSearch, ...imported.warnings, ...stale];
      const facts = importFacts({ ...imported, warnings }, dump);
      return makeReceipt(run, 'import', startedAt, { target: to.name, ...facts });
    };
    const imported = await importDump(run, target, reader, {
      asked,
      schema: input.schema,
      receipt,
    });
    for (const sentence of stale) report.log('warn', sentence);
    return receipt(imported);
  };

  if ('file' in input.dump && !(await hasManifest(input.dump.file))) {
    return withForeignDump(
      run,
      to,
      {
        file: input.dump.file,
        owners,
        privileges,
      },
      { begin, run: importFrom },
    );
  }
  const paths =
    'id' in input.dump ? (await findDump(config, input.dump.id)).paths : pathsBeside(input.dump.file);
  await using reader = await openDump(paths);
  report.estimate('inspect', reader.manifest.file.bytes);
  report.itemStarted(reader.manifest.dumpId, { bytes: reader.manifest.file.bytes });
  await reader.verify({
    signal: run.signal,
    onRead: (bytes) => report.itemAdvanced(reader.manifest.dumpId, 0, bytes),
  });
  report.step('recover', 'Looking for leftovers of an earlier run');
  await using target = await openTarget(run, to);
  // Awaited here: `await using` would close both before the import has begun.
  return (await begin()) ?? (await importFrom(target, reader, paths));
}
