import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DumpReader } from '../../dump/dump-reader.ts';
import { storageError } from '../../dump/files.ts';
import { removeDump } from '../../dump/store.ts';
import type { DumpPaths } from '../../dump/store.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { dumpWorkBytes, openAndSelect, readBack, takeDump } from '../source/take-dump.ts';
import type { TakenDump } from '../source/take-dump.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { createShadow, discardDatabase } from '../replace/create-shadow.ts';
import { ownDatabaseName } from '../ends/marker.ts';
import { restrictTarget } from '../ends/restriction.ts';
import type { RestrictedEnvironment } from '../ends/restriction.ts';
import { otherName, schemaNames } from '../../plan/schema-names.ts';
import { openTarget } from '../recover/open-target.ts';
import type { Receipt } from '../contract/receipts.ts';
import { inspectForeignDump } from '../../plain-dump/inspect.ts';
import type { ForeignOptions } from '../../plain-dump/rules/judgement.ts';
import { restoreHint } from '../../plain-dump/plain-bytes.ts';
import { runForeignDump } from './run-foreign-dump.ts';
import type { RunForeignOptions } from './run-foreign-dump.ts';
import type { OpenTarget } from '../ends/opened-target.ts';

export interface ForeignImportInput {
  readonly file: string;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** The schema of the application's tables, as the file calls it; else as the target does. */
  readonly schema: string | undefined;
}

/** What an import does around it. */
interface ForeignWork {
  /** On the open target, before the dump is run. A receipt: there is nothing left to do. */
  readonly begin: (target: OpenTarget) => Promise<Receipt | null>;
  readonly run: (
    target: OpenTarget,
    reader: DumpReader,
    paths: DumpPaths,
    notes: readonly string[],
  ) => Promise<Receipt>;
}

/**
 * Turns somebody else's plain dump into one of ours and hands it on: the file is inspected first (nothing is
 * changed), then run in a scratch database beside the target, which is dumped with digests and removed. From there on
 * the import is the same as of our own dumps: same policies, same proof, same switch. `work.run` is told, for
 * the receipt, what of the file was left out, and what may be missing in it. TARGET_PRIVILEGE where no database can be
 * made.
 */
export async function withForeignDump(
  run: Run,
  environment: Environment,
  input: ForeignImportInput,
  work: ForeignWork,
): Promise<Receipt> {
  const { report, signal } = run;
  const before = await fileState(input.file);
  report.estimate('inspect', before.bytes);
  const read = (): AsyncIterable<Buffer> => createReadStream(input.file, { highWaterMark: 256 * 1024 });
  const takesSettings = run.config.sync.databaseSettings === 'source';
  const options = (database: string): ForeignOptions => ({
    owners: input.owners,
    privileges: input.privileges,
    settingsFor: takesSettings ? database : undefined,
  });
  const found = await inspectForeignDump(metered(run, read(), 'foreign dump'), {
    ...options('not made yet'),
    signal,
  });
  const notes = [
    ...Object.entries(found.skipped).map(
      ([kind, statements]) => `Left out of the dump: ${kind} (${statements}).`,
    ),
    ...found.notes,
  ];
  for (const note of notes) report.log('warn', note);

  report.step('recover', 'Looking for leftovers of an earlier run');
  await using target = await openTarget(run, environment);
  const within = { ...run, signal: target.signal };
  const { maintenance, facts } = target;
  const done = await work.begin(target);
  if (done !== null) return done;
  const { schemas, notes: limits } = await restrictTarget(within, environment);
  for (const note of limits) report.log('info', note);
  report.step('prepare', 'Running the dump in a scratch database');
  report.estimate('prepare', found.bytes);
  if (maintenance === null || !facts.createsDatabases) {
    throw new SyncError(
      'TARGET_PRIVILEGE',
      'A dump of another program is run in a scratch database first, but this role may not create databases.',
    );
  }
  const scratch = ownDatabaseName(facts.name, 'load', run.attempt);
  await run.journal.write({ entry: 'shadow', database: scratch });
  let dump: ScratchDump;
  try {
    await createShadow(maintenance, { live: facts, name: scratch, jobId: run.id, now: run.now() });
    // A file that says nothing about schema public means the one that servers before 15 make.
    if (facts.versionNum < 150_000 && (found.writerMajor ?? 0) < 15) {
      await maintenance.within(scratch, (session) =>
        session.execute('GRANT CREATE ON SCHEMA public TO PUBLIC'),
      );
    }
    await runInScratch(within, environment, scratch, read(), { ...options(scratch), long: found.long });
    const after = await fileState(input.file);
    if (after.version !== before.version)
      throw new SyncError(
        'STORAGE_DUMP_DAMAGED',
        'The dump file was written to while it was being imported.',
      );
    dump = await dumpScratch(within, asTheFileCalls({ ...environment, schemas }, input.schema), scratch);
  } finally {
    await discardDatabase(maintenance, run.journal, scratch, report);
  }
  try {
    await using reader = await DumpReader.open(dump.paths.file, dump.manifest);
    return await work.run(target, reader, dump.paths, [...notes, ...limits, ...dump.leftOut]);
  } catch (error) {
    await removeDump(dump.paths);
    throw error;
  }
}

/** What changes when somebody writes to the file, or puts another in its place. */
async function fileState(file: string): Promise<{ readonly bytes: number; readonly version: string }> {
  try {
    const state = await stat(file);
    if (state.isDirectory()) {
      throw new SyncError('STORAGE_DUMP_FOREIGN', 'The dump is a directory, not a file of plain SQL.', {
        hint: restoreHint,
      });
    }
    const { size, mtimeMs, ino } = state;
    return { bytes: size, version: `${ino} ${size} ${mtimeMs}` };
  } catch (error) {
    throw storageError(error, 'Opening the dump file');
  }
}

async function runInScratch(
  run: Run,
  environment: Environment,
  scratch: string,
  source: AsyncIterable<Buffer>,
  options: Pick<RunForeignOptions, keyof ForeignOptions | 'long'>,
): Promise<void> {
  await using database = run.connect(targetEnd(environment, scratch), { access: 'write', connections: 1 });
  await database.withSession(
    (session) =>
      runForeignDump(session, source, {
        ...options,
        signal: run.signal,
        report: run.report,
      }),
    run.signal,
  );
}

/** The schemas that take part, by the names that they have in the file, and so in the scratch database. */
function asTheFileCalls(
  environment: RestrictedEnvironment,
  schema: string | undefined,
): RestrictedEnvironment {
  const { schemas } = environment;
  if (schema === undefined || schemas === null) return environment;
  const names = schemaNames(environment.schema, schema);
  return { ...environment, schema, schemas: schemas.map((one) => otherName(names, one)) };
}

interface ScratchDump extends TakenDump {
  /** A sentence for each thing of the file that is not carried. */
  readonly leftOut: readonly string[];
}

async function dumpScratch(run: Run, environment: Environment, scratch: string): Promise<ScratchDump> {
  return withReleasers(async (releasers) => {
    const dumpInput = {
      environment: { ...environment, database: environment.database.withDatabase(scratch) },
      purpose: 'export' as const,
      compression: run.config.dumps.compression,
      workers: run.config.sync.workers,
      policies: [],
      leaveOut: [],
      secrets: run.config.sync.secrets,
      tablespaces: run.config.sync.tablespaces,
    };
    const { source, selection } = await openAndSelect(
      run,
      releasers,
      { ...dumpInput, masking: null },
      'Dump',
    );
    run.report.step('export', 'Taking digests of what the dump holds');
    run.report.estimate('export', dumpWorkBytes(source, selection));
    const dump = await takeDump(run, source, selection, dumpInput);
    await readBack(run, dump);
    return { ...dump, leftOut: selection.leftOut };
  });
}

async function* metered(run: Run, source: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  run.report.itemStarted(name);
  for await (const chunk of source) {
    run.report.itemAdvanced(name, 0, chunk.length);
    yield chunk;
  }
  run.report.itemDone(name);
}
