import type { DumpReader } from '../../dump/dump-reader.ts';
import type { Environment } from '../../environments/environment.ts';
import { Releasers } from '../../lib/releasers.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { Journal } from '../journal/journal.ts';
import { loadBlocks } from '../load/load-blocks.ts';
import { carryKeptRows, carryKeptSequences, lockKept, pairsOf } from '../load/keep-rows.ts';
import { runObject, runObjectsParallel } from '../load/run-objects.ts';
import { analyzeTables } from '../load/analyze.ts';
import { verifyInventory } from '../load/verify-inventory.ts';
import { verifySequences, verifyTables } from '../load/verify-load.ts';
import { ownDatabaseName } from '../target/marker.ts';
import type { TargetFacts } from '../target/target-facts.ts';
import { findDatabase } from '../target/target-facts.ts';
import type { TableReceipt } from '../verbs.ts';
import { copyDatabaseSettings } from './copy-settings.ts';
import { createShadow, dropOwnDatabase } from './create-shadow.ts';
import { endSessions, returnKept, setDoor, shutDoor, swapDatabases } from './switch.ts';

export interface ReplaceInput {
  readonly jobId: string;
  readonly runId: string;
  readonly environment: Environment;
  readonly live: TargetFacts;
  readonly reader: DumpReader;
  readonly plan: ImportPlan;
  readonly workers: number;
  readonly now: () => number;
  /** What happens to the search beside the database; null where it takes no part. */
  readonly search: SearchBesideSwitch | null;
  /** The receipt as it will be when the switch has happened: journalled before it. */
  readonly receipt: (replaced: Replaced) => unknown;
}

/** The search's part of a switch (sync/search): built from the verified data before, moved right after. */
export interface SearchBesideSwitch {
  readonly build: (database: Database) => Promise<void>;
  /** Where the aliases will point. */
  readonly goals: () => readonly { readonly alias: string; readonly collection: string }[];
  /** All aliases or none; a rejection means none moved. */
  readonly move: () => Promise<void>;
}

export interface ReplaceOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

export interface Replaced {
  readonly keptDatabase: string;
  readonly tables: readonly TableReceipt[];
}

/**
 * Makes the target a copy by a shadow database (docs/architecture.md, "Replace"): create, load, build, verify, carry kept
 * rows, swap names in one transaction. Until the swap the live database is only read (kept tables are locked against
 * writers at the very end); every way out before it removes the shadow and leaves the target as it was. `signal` is
 * honoured until the swap begins; the swap itself takes milliseconds and is not interrupted.
 */
export async function replaceTarget(
  maintenance: Session,
  journal: Journal,
  input: ReplaceInput,
  options: ReplaceOptions,
): Promise<Replaced> {
  const { live, jobId } = input;
  const shadow = ownDatabaseName(live.name, 'sync', input.runId);
  await journal.write({ entry: 'shadow', database: shadow });
  let doorShut = false;
  try {
    options.report.step('prepare', `Creating a database beside "${live.name}"`);
    await createShadow(maintenance, { live, name: shadow, jobId, now: input.now() });
    await copyDatabaseSettings(maintenance, live, shadow);
    const tables = await fillShadow(maintenance, shadow, input, options, () => {
      doorShut = true;
    });
    const keptDatabase = await swapIn(maintenance, journal, shadow, tables, input);
    doorShut = false;
    return { keptDatabase, tables };
  } catch (error) {
    await undo(maintenance, live.name, shadow, doorShut, options.report);
    throw error;
  }
}

/** Loads, builds, verifies; ends with the live database's door shut, its sessions ended and ours closed. */
async function fillShadow(
  maintenance: Session,
  shadow: string,
  input: ReplaceInput,
  options: ReplaceOptions,
  onShut: () => void,
): Promise<readonly TableReceipt[]> {
  const { plan, live, reader } = input;
  const releasers = new Releasers();
  try {
    const next = openTarget(releasers, input, shadow);
    const sessions: Session[] = [];
    for (let count = 0; count < input.workers; count += 1)
      sessions.push(await hold(releasers, next, options.signal));
    const [first] = sessions;
    if (first === undefined) throw new Error('at least one worker');
    for (const object of plan.objects.filter(({ section }) => section === 'pre-data'))
      await runObject(first, object, options);

    options.report.step('load', 'Loading rows');
    await loadBlocks(reader, new Map(plan.load.map((table) => [table.id, table])), sessions, options);

    options.report.step('build', 'Building indexes and constraints');
    const post = plan.objects.filter(({ section }) => section === 'post-data');
    const onDone = (object: { readonly identity: string }): void => {
      options.report.itemStarted(object.identity);
      options.report.itemDone(object.identity);
    };
    await runObjectsParallel(
      sessions,
      post.filter(({ id }) => !plan.late.has(id)),
      { ...options, onDone },
    );
    await analyzeTables(sessions, plan.load, options);

    options.report.step('verify', 'Comparing every table with the source');
    const verified = await verifyTables(sessions, [...plan.load, ...plan.empty], options);
    await verifySequences(first, plan.sequences, options);

    const current = openTarget(releasers, input, live.name);
    const liveSession = await hold(releasers, current, options.signal);
    const kept: TableReceipt[] = [];
    if (plan.keep.length > 0) {
      options.report.step('keep', 'Carrying kept rows over');
      await lockKept(liveSession, plan.keep, options);
      kept.push(...(await carryKeptRows(liveSession, first, plan.keep, options)));
      await runObjectsParallel(
        sessions,
        post.filter(({ id }) => plan.late.has(id)),
        { ...options, onDone },
      );
      await carryKeptSequences(liveSession, first, plan.keptSequences, options);
      await analyzeTables(
        sessions,
        pairsOf(plan.keep).map(({ table }) => table),
        options,
      );
    }
    await verifyInventory(first, plan.objects, options);
    if (input.search !== null) {
      options.report.step('search-build', 'Building the search collections');
      await input.search.build(next);
    }

    options.report.step('switch', `Making the new data live as "${live.name}"`);
    options.signal.throwIfAborted();
    const keptName = ownDatabaseName(live.name, 'old', input.runId);
    await shutDoor(
      maintenance,
      {
        live: live.name,
        next: shadow,
        comment: live.comment,
        keepAs: keptName,
        jobId: input.jobId,
        now: input.now(),
      },
      'switching',
    );
    onShut();
    await endSessions(maintenance, live.name, [liveSession.pid]);
    return [...verified, ...kept];
  } finally {
    // From here on nobody but us can come in, so giving up the locks on the kept tables lets no write slip through.
    await releasers.release();
  }
}

async function swapIn(
  maintenance: Session,
  journal: Journal,
  shadow: string,
  tables: readonly TableReceipt[],
  input: ReplaceInput,
): Promise<string> {
  const { live, jobId } = input;
  const keptDatabase = ownDatabaseName(live.name, 'old', input.runId);
  const next = await findDatabase(maintenance, shadow, {});
  await journal.write({
    entry: 'switch',
    shadowOid: next?.oid ?? '',
    aliases: [...(input.search?.goals() ?? [])],
    receipt: input.receipt({ keptDatabase, tables }),
    undoes: null,
  });
  const swap = { live: live.name, comment: live.comment, jobId, now: input.now() };
  await swapDatabases(maintenance, { ...swap, next: shadow, keepAs: keptDatabase });
  if (input.search === null) return keptDatabase;
  try {
    await input.search.move();
    return keptDatabase;
  } catch (error) {
    // The aliases stand as before; the database goes back as well, so that both tell the same.
    await returnKept(maintenance, { ...swap, next: keptDatabase, keepAs: shadow });
    throw error;
  }
}

async function undo(
  maintenance: Session,
  live: string,
  shadow: string,
  doorShut: boolean,
  report: Reporter,
): Promise<void> {
  try {
    if (doorShut) await setDoor(maintenance, live, true);
    await dropOwnDatabase(maintenance, shadow);
  } catch (error) {
    // The run has failed already and says why; what is left is found by the next run (recover.ts).
    report.log(
      'warn',
      'Cleaning up after the failure did not succeed; the next run on this target does it.',
      {
        database: shadow,
        error: error instanceof Error ? error.name : 'unknown',
      },
    );
  }
}

function openTarget(releasers: Releasers, input: ReplaceInput, databaseName: string): Database {
  const database = new Database({
    url: input.environment.database.withDatabase(databaseName),
    purpose: 'target',
    applicationName: `multiboard-sync ${input.jobId}`,
    connectionsMax: input.workers + 1,
  });
  releasers.defer(() => database.close());
  return database;
}

async function hold(releasers: Releasers, database: Database, signal: AbortSignal): Promise<Session> {
  const session = await database.connect({ signal });
  releasers.defer(() => session.release());
  return session;
}
