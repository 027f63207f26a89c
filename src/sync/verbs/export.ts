import { refuseNoFile } from '../../dump/files.ts';
import { pathsBeside } from '../../dump/store.ts';
import { missingEntry } from '../../plan/missing.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { Selection } from '../../plan/select.ts';
import { checkOldOrder } from '../check/collations/check.ts';
import { checkReadableSource } from '../check/encodings/check.ts';
import { checkMasked } from '../masking/check-masked.ts';
import { maskingFor } from '../masking/masking-for.ts';
import { checkLongRows } from '../source/long-rows/check.ts';
import type { OpenSource } from '../source/open-source.ts';
import { dumpWorkBytes, openAndSelect, readBack, takeDump } from '../source/take-dump.ts';
import { environmentNamed } from '../ends/environments.ts';
import { restrictSource } from '../ends/restriction.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { makeReceipt } from './make-receipt.ts';
import { retireDumps } from '../dumps/retention.ts';
import type { ExportInput } from '../contract/inputs.ts';
import type { Receipt } from '../contract/receipts.ts';

/** Readers of one export at most, so that a database with few connection slots is not starved. */
const workersMax = 16;

/**
 * Writes an environment into a dump: everything but what the input leaves out, whatever the table policies say, and
 * reads it back. Only reads the database. Errors: those of opening a source, SOURCE_OBJECT_UNSUPPORTED,
 * CONFLICT_LEFT_OUT, SOURCE_COPY_FAILED, STORAGE_FULL, STORAGE_UNUSABLE.
 */
export async function exportEnvironment(run: Run, input: ExportInput): Promise<Receipt> {
  const startedAt = run.now();
  const { config, report } = run;
  const named = environmentNamed(config, input.environment);
  report.plan(stepsOf('export'));
  report.step('check', `Opening "${named.name}"`);
  const workers = input.workers ?? config.sync.workers;
  if (workers < 1 || workers > workersMax)
    throw new SyncError('USAGE_INVALID', `workers must be between 1 and ${workersMax}.`);
  if (input.leaveOut?.includes(missingEntry) === true)
    throw new SyncError(
      'USAGE_INVALID',
      `"${missingEntry}" means what a target lacks, and an export has none.`,
    );
  // Known before a row is read, and not when the last one was.
  if (input.output !== undefined)
    for (const path of Object.values(pathsBeside(input.output))) await refuseNoFile(path);
  const { source: environment, notes } = await restrictSource(run, named, input.schemas);
  for (const sentence of notes) report.log('warn', sentence);
  const dumpInput = {
    environment,
    purpose: 'export' as const,
    compression: input.compression ?? config.dumps.compression,
    workers,
    policies: [],
    masking: maskingFor(environment, null, { unmasked: input.unmasked === true }),
    leaveOut: config.sync.leaveOut,
    omit: input.leaveOut,
    secrets: config.sync.secrets,
    tablespaces: config.sync.tablespaces,
    output: input.output,
  };
  // The snapshot ends with the writing; holding it longer would only hold back the source's vacuum.
  const { dump, selection } = await withReleasers(async (releasers) => {
    const { source, selection } = await openAndSelect(run, releasers, dumpInput);
    for (const sentence of await checkReadable(source, selection, environment.name, run))
      report.log('warn', sentence);
    const bytes = dumpWorkBytes(source, selection);
    report.step('export', `Reading "${environment.name}"`);
    report.estimate('export', bytes, null, selection.tables.length);
    report.estimate('readback', bytes);
    return { dump: await takeDump(run, source, selection, dumpInput), selection };
  });
  report.step('readback', 'Reading the dump back');
  report.estimate('readback', dump.manifest.file.bytes);
  await readBack(run, dump);
  report.step('clean', 'Removing dumps beyond their retention');
  await retireDumps(run, [dump.manifest.dumpId]);
  return makeReceipt(run, 'export', startedAt, {
    source: environment.name,
    rows: dump.manifest.rows,
    objects: dump.manifest.objects.length,
    sequences: dump.manifest.sequences.length,
    dump: dump.receipt,
    leftOut: selection.named,
    warnings: notes,
  });
}

/** What would end the reading in the middle, perhaps after hours: SOURCE_ENCODING, SOURCE_ROW_TOO_LONG. */
async function checkReadable(
  source: OpenSource,
  selection: Selection,
  name: string,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const tables = selection.tables.filter(({ policy }) => policy === 'sync');
  const read = new Set(tables.map(({ id }) => id));
  const { largeObjects } = selection;
  return [
    ...(await checkMasked({ ...source, read, largeObjects, name }, options)),
    ...(await checkReadableSource(source, selection, name, options)),
    ...(await checkLongRows(source.database, tables, name, 'source', options)),
    ...(await checkOldOrder(source.leader, name, source.model, options)),
  ];
}
