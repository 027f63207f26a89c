import type { DumpReader } from '../../dump/dump-reader.ts';
import { findDump, hasManifest, openDump, pathsBeside } from '../../dump/store.ts';
import type { DumpPaths } from '../../dump/store.ts';
import { leavesObjects } from '../../plan/modes.ts';
import { askSearch } from '../check/ask-search.ts';
import { environmentNamed } from '../ends/environments.ts';
import { withForeignDump } from '../foreign/with-foreign-dump.ts';
import { importDump } from './import-dump.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { finishedBefore } from '../journal/records.ts';
import { importFacts, makeReceipt } from './make-receipt.ts';
import { dumpReceipt } from '../source/take-dump.ts';
import { refuseUnmaskedDump } from '../masking/masking-for.ts';
import { restrictTarget } from '../ends/restriction.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Environment } from '../../environments/environment.ts';
import { staleSearch } from '../search/stale-search.ts';
import { askedOf, partsOf, refuseWithoutSearch } from '../check/asked.ts';
import { openTarget } from '../recover/open-target.ts';
import type { ImportInput } from '../contract/inputs.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { Asked, Imported } from '../contract/import-run.ts';
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
  if (leavesObjects(asked.mode))
    throw new SyncError('USAGE_INVALID', 'Mode merge compares a live source; it takes no dump.', {
      hint: 'Choose --mode replace or --mode in-place for a dump, or sync from the environment itself.',
    });
  if (asked.search) refuseWithoutSearch(to);
  report.plan(stepsOf('import', partsOf(config, asked)));
  report.step('inspect', 'Checking the dump');
  const work: ImportWork = { startedAt, asked, schema: input.schema, ofSearch: [] };
  if ('file' in input.dump && !(await hasManifest(input.dump.file))) {
    const { owners, privileges } = asked;
    const dump = { file: input.dump.file, owners, privileges, schema: input.schema };
    return withForeignDump(run, to, dump, {
      begin: (target) => begin(run, target, work),
      run: (target, reader, paths, notes) => importFrom(run, target, { reader, paths, notes }, work),
    });
  }
  const paths =
    'id' in input.dump ? (await findDump(config, input.dump.id)).paths : pathsBeside(input.dump.file);
  await using reader = await openDump(paths);
  const { dumpId, file, source } = reader.manifest;
  refuseUnmaskedDump(reader.manifest, config.environments.get(source.environment), to);
  report.estimate('inspect', file.bytes);
  report.itemStarted(dumpId, { bytes: file.bytes });
  await reader.verify({
    signal: run.signal,
    onRead: (bytes) => report.itemAdvanced(dumpId, 0, bytes),
  });
  report.step('recover', 'Looking for leftovers of an earlier run');
  await using target = await openTarget(run, to);
  if (reader.manifest.schemas === undefined) await refuseWholeDump(run, target.environment);
  // Awaited here: `await using` would close both before the import has begun.
  return (
    (await begin(run, target, work)) ?? (await importFrom(run, target, { reader, paths, notes: [] }, work))
  );
}

/**
 * A dump of a whole database would take the schemas of others along, where a sync would leave them as they are.
 * CONFLICT_SCHEMA_NAMES unless somebody has said what runs on the target are about; `asDumped` asks about what is said.
 */
async function refuseWholeDump(run: Run, environment: Environment): Promise<void> {
  const { schemas, notes } = await restrictTarget(run, environment);
  if (schemas === null || notes.length === 0) return;
  const { name, schema } = environment;
  throw new SyncError(
    'CONFLICT_SCHEMA_NAMES',
    `The dump holds a whole database, and not all of this one is yours to replace. ${notes.join(' ')}`,
    {
      hint:
        `Export again with the schemas that you mean (--schema), or sync: that leaves the others as they are. To put ` +
        `the whole dump in the place of all that is in "${name}", set its schemas to "*" (NAME_DATABASE_SCHEMAS); ` +
        `to say that only ${schema} may ever be replaced, set them to ${schema}.`,
    },
  );
}

interface ImportWork {
  readonly startedAt: number;
  readonly asked: Asked;
  readonly schema: string | undefined;
  /** What the search had to say before rows moved. */
  readonly ofSearch: string[];
}

/**
 * On the open target. A receipt: an attempt that died has done it. A search that cannot be built is known before rows
 * move.
 */
async function begin(run: Run, { environment }: OpenTarget, work: ImportWork): Promise<Receipt | null> {
  const { config, report } = run;
  const before = await finishedBefore(config, run.id);
  if (before !== null || !work.asked.search) return before;
  report.step('check', `Checking the search of "${environment.name}"`);
  const { collections } = config;
  const { notes } = await askSearch(run, { environment, collections, confirmed: true });
  work.ofSearch.push(...notes);
  for (const sentence of work.ofSearch) report.log('warn', sentence);
  return null;
}

interface OpenDump {
  readonly reader: DumpReader;
  readonly paths: DumpPaths;
  /** A sentence for each thing of the file that is not in the dump. */
  readonly notes: readonly string[];
}

async function importFrom(
  run: Run,
  target: OpenTarget,
  { reader, paths, notes }: OpenDump,
  { startedAt, asked, schema, ofSearch }: ImportWork,
): Promise<Receipt> {
  const { report } = run;
  const { environment } = target;
  const { rawBytes, durationMs } = reader.manifest;
  for (const step of ['load', 'verify'] as const) report.estimate(step, rawBytes);
  const dump = dumpReceipt(reader.manifest, paths, durationMs / 1000);
  const stale = asked.search ? [] : staleSearch(run.config, environment);
  const receipt = (imported: Imported): Receipt => {
    const warnings = [...notes, ...ofSearch, ...imported.warnings, ...stale];
    const facts = importFacts({ ...imported, warnings }, dump);
    return makeReceipt(run, 'import', startedAt, { target: environment.name, ...facts });
  };
  const imported = await importDump(run, target, reader, { asked, schema, receipt });
  for (const sentence of stale) report.log('warn', sentence);
  return receipt(imported);
}
