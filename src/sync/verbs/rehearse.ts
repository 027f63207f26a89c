import { findDump, openDump } from '../../dump/store.ts';
import type { DumpSummary } from '../../dump/store.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { Environment } from '../../environments/environment.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { askedOf } from '../check/asked.ts';
import { planDump } from '../check/plan-dump.ts';
import type { Planned } from '../check/plan-dump.ts';
import type { Asked } from '../contract/import-run.ts';
import type { RehearsalInput } from '../contract/inputs.ts';
import type { Proved, Receipt } from '../contract/receipts.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { newestDump } from '../dumps/newest-dump.ts';
import { environmentNamed } from '../ends/environments.ts';
import type { Maintenance } from '../ends/maintenance.ts';
import { ownDatabaseName } from '../ends/marker.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { checkProtection } from '../ends/opened-target.ts';
import { targetFacts } from '../ends/target-facts.ts';
import { CarriedRows } from '../kept/carried-rows.ts';
import { fillDatabase } from '../load/fill.ts';
import { refuseUnmaskedDump } from '../masking/masking-for.ts';
import { openTarget } from '../recover/open-target.ts';
import { createShadow, discardDatabase, dropOwnDatabase } from '../replace/create-shadow.ts';
import { dumpReceipt, warnLeftOut } from '../source/take-dump.ts';
import { makeReceipt } from './make-receipt.ts';

/**
 * Proves that a dump can be restored: the newest one of an environment is restored, whole, into a database of its own
 * on the server of another environment, every table compared with the digests of the manifest, and the database
 * dropped, whatever the end. The environment that lends its server is not touched; while it lasts, no run writes to
 * it. What a killed rehearsal leaves bears our marker, and the next run on that server's environment removes it.
 * Errors: STORAGE_DUMP_*, TARGET_*, MISMATCH_TABLES, those of opening a target.
 */
export async function rehearseRestore(run: Run, input: RehearsalInput): Promise<Receipt> {
  const startedAt = run.now();
  const { config, report } = run;
  environmentNamed(config, input.environment);
  const server = environmentNamed(config, input.server);
  checkProtection(server);
  report.plan(stepsOf('rehearsal'));
  report.step('inspect', `Looking for the newest dump of "${input.environment}"`);
  const { id } = await chosenDump(run, input.environment);
  const { paths } = await findDump(config, id);
  await using reader = await openDump(paths);
  const { manifest } = reader;
  refuseUnmaskedDump(manifest, config.environments.get(input.environment), server);
  report.estimate('inspect', manifest.file.bytes);
  report.itemStarted(id, { bytes: manifest.file.bytes });
  await reader.verify({ signal: run.signal, onRead: (bytes) => report.itemAdvanced(id, 0, bytes) });
  report.step('recover', 'Looking for leftovers of an earlier run');
  await using target = await openTarget(run, server);
  for (const step of ['load', 'verify'] as const) report.estimate(step, manifest.rawBytes);
  const { proved, planned, left } = await inOwnDatabase(
    { ...run, signal: target.signal },
    target,
    reader,
    askedOf(config, server, { mode: 'replace', backup: 'kept', search: false, ignoreMigrations: true }),
  );
  return makeReceipt(run, 'rehearsal', startedAt, {
    source: input.environment,
    target: server.name,
    rows: proved.tables.reduce((sum, { rows }) => sum + rows, 0),
    tables: [...proved.tables].sort((a, b) => (a.table < b.table ? -1 : 1)),
    sequences: planned.plan.sequences.length,
    objects: planned.plan.objects.length,
    largeObjects: proved.largeObjects,
    dump: dumpReceipt(manifest, paths, manifest.durationMs / 1000),
    undoSchema: null,
    warnings: [...planned.warnings, ...proved.notes, ...left],
    leftOut: planned.leftOut,
  });
}

/** STORAGE_DUMP_UNKNOWN. */
async function chosenDump({ config, report }: Run, environment: string): Promise<DumpSummary> {
  const newest = await newestDump(config, environment, (manifest) => {
    report.log('warn', 'The manifest of a dump cannot be read; that dump is not rehearsed.', { manifest });
  });
  if (newest !== null) return newest;
  throw new SyncError('STORAGE_DUMP_UNKNOWN', `There is no dump of "${environment}" to rehearse.`, {
    hint: `Write one first (multiboard-sync export ${environment}).`,
  });
}

interface Rehearsed {
  readonly proved: Proved;
  readonly planned: Planned;
  /** A sentence where the database could not be dropped. */
  readonly left: readonly string[];
}

async function inOwnDatabase(
  run: Run,
  target: OpenTarget,
  reader: DumpReader,
  asked: Asked,
): Promise<Rehearsed> {
  const { journal, report } = run;
  const { maintenance, facts: live } = target;
  if (maintenance === null || !live.createsDatabases)
    throw new SyncError(
      'TARGET_PRIVILEGE',
      `A rehearsal makes a database of its own on the server of "${target.environment.name}", but this role may not ` +
        'create databases.',
    );
  const name = ownDatabaseName(live.name, 'load', run.attempt);
  await journal.write({ entry: 'shadow', database: name });
  let done: Omit<Rehearsed, 'left'>;
  try {
    report.step('prepare', 'Creating a database of its own');
    await createShadow(maintenance, { live, name, jobId: run.id, now: run.now() });
    done = await restore(run, { target, maintenance, name, reader, asked });
  } catch (error) {
    await discardDatabase(maintenance, journal, name, report);
    throw databaseError(error, 'target', 'Restoring the dump');
  }
  report.step('clean', 'Dropping the database');
  return { ...done, left: await dropAfterwards(run, maintenance, name) };
}

interface RestoreInput {
  readonly target: OpenTarget;
  readonly maintenance: Maintenance;
  readonly name: string;
  readonly reader: DumpReader;
  readonly asked: Asked;
}

/** All of the dump, whatever the policies say: they are about a target that people use. */
async function restore(given: Run, input: RestoreInput): Promise<Omit<Rehearsed, 'left'>> {
  const { target, maintenance, name, reader, asked } = input;
  const { config, report, signal } = given;
  const options = { signal, report };
  const run: Run = {
    ...given,
    config: { ...config, tablePolicies: [], sync: { ...config.sync, databaseSettings: 'target' } },
  };
  const environment = ownEnvironment(target.environment, reader, name);
  const facts = await targetFacts(maintenance, name, {});
  const planned = await planDump(run, { ...target, environment, facts }, reader, {
    asked,
    receipt: () => null,
  });
  const { plan } = planned;
  for (const warning of planned.warnings) report.log('warn', warning);
  warnLeftOut(report, planned.leftOut);
  const { owners, privileges, roles } = asked;
  const proved = await withReleasers(async (releasers) => {
    const { workers } = config.sync;
    const database = run.connect(targetEnd(environment), { access: 'write', connections: workers });
    releasers.defer(() => database.close());
    const hold = async (): Promise<Session> => {
      const session = await database.connect({ signal });
      releasers.defer(() => session.release());
      return session;
    };
    const team: [Session, ...Session[]] = [await hold()];
    while (team.length < workers) team.push(await hold());
    const kept = new CarriedRows(plan, planned.kept, hold, {
      ...options,
      lockWaitSeconds: config.sync.lockWaitSeconds,
    });
    const largeObjects = { owners, privileges, roles };
    return fillDatabase({ team, plan, reader, largeObjects, kept, defusal: null }, options);
  });
  return { proved, planned };
}

/** The new database as an environment: nothing reads it, and it has nothing but what the dump has. */
function ownEnvironment(server: Environment, { manifest }: DumpReader, name: string): Environment {
  return {
    name: server.name,
    database: server.database.withDatabase(name),
    schema: manifest.source.schema ?? server.schema,
    schemas: manifest.schemas ?? null,
    search: null,
    protection: 'open',
  };
}

/** What was proved stays proved where the drop fails; the journal stays open then, and the next run drops it. */
async function dropAfterwards(
  { journal, report }: Run,
  maintenance: Maintenance,
  name: string,
): Promise<readonly string[]> {
  try {
    await dropOwnDatabase(maintenance, name);
    return [];
  } catch (error) {
    journal.leaveOpen();
    const sentence = `The database "${name}" of this rehearsal could not be dropped; the next run there drops it.`;
    report.log('warn', sentence, { reason: asSyncError(error).message });
    return [sentence];
  }
}
