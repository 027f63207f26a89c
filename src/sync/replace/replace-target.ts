import { readCatalog } from '../../catalog/read-catalog.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { Environment } from '../../environments/environment.ts';
import { Releasers, withReleasers } from '../../lib/releasers.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { Journal } from '../journal/journal.ts';
import { bringLastNumbers } from '../kept/last-numbers.ts';
import { loadBlocks } from '../load/load-blocks.ts';
import { carryKeptRows, keptSequenceStates, lockKept, pairsOf, setKeptSequences } from '../kept/keep-rows.ts';
import { checkKeptDefinitions } from '../kept/kept-definitions.ts';
import type { KeptDefinitions } from '../kept/kept-definitions.ts';
import { runObjectsInOrder } from '../load/run-in-order.ts';
import { runObjectsParallel } from '../load/run-objects.ts';
import { schemaSwitchOf } from '../ends/schema-switch.ts';
import { stagesOf } from '../load/stages.ts';
import { analyzeTables } from '../load/analyze.ts';
import { inventoryScope, readInventory, reportOwnWays, verifyInventory } from '../prove/verify-inventory.ts';
import { verifySequences, verifyTables } from '../prove/verify-load.ts';
import { carryLargeObjects, lockLargeObjects } from '../large-objects/carry.ts';
import { loadLargeObjects, verifyLargeObjects } from '../large-objects/load.ts';
import type { LargeObjectsTarget } from '../large-objects/load.ts';
import type { Maintenance } from '../ends/maintenance.ts';
import { ownDatabaseName } from '../ends/marker.ts';
import type { TargetFacts } from '../ends/target-facts.ts';
import { targetFacts } from '../ends/target-facts.ts';
import { checkLoadedReferences, tellingReferences } from '../kept/references/load-references.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import type { LargeObjectsReceipt, TableReceipt } from '../contract/receipts.ts';
import { copyDatabaseLimits, copyDatabaseSettings } from './copy-settings.ts';
import { createShadow, discardDatabase } from './create-shadow.ts';
import { swapBack } from './return-kept.ts';
import { swapDatabases } from './switch.ts';
import type { Holding } from './switch.ts';
import { tableName } from '../../lib/table-name.ts';

export interface ReplaceInput {
  readonly jobId: string;
  readonly runId: string;
  readonly environment: Environment;
  readonly live: TargetFacts;
  readonly reader: DumpReader;
  readonly plan: ImportPlan;
  readonly kept: KeptDefinitions;
  readonly largeObjects: LargeObjectsTarget;
  readonly workers: number;
  readonly now: () => number;
  /** The search's part of the switch; null if the search stays as it is. */
  readonly search: SearchBesideSwitch | null;
  /** The receipt as it will be when the switch has happened: journalled before it. */
  readonly receipt: (replaced: Replaced) => unknown;
}

/** The search's part of a switch (sync/search): built from the verified data before, moved right after. */
export interface SearchBesideSwitch {
  /** Whether building the collections would read one of these tables. */
  readonly reads: (
    session: Session,
    tables: readonly { readonly schema: string; readonly name: string }[],
  ) => Promise<boolean>;
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
  readonly largeObjects: LargeObjectsReceipt | null;
}

/**
 * Makes the target a copy by a shadow database (docs/architecture.md, "Replace"): create, load, build, verify, carry
 * kept rows, swap names in one transaction. Until the swap the live database is only read (kept tables are locked
 * against writers at the very end); every way out before it removes the shadow and leaves the target as it was.
 * `signal` is honoured until the swap begins; the swap itself is not interrupted.
 */
export async function replaceTarget(
  maintenance: Maintenance,
  journal: Journal,
  input: ReplaceInput,
  options: ReplaceOptions,
): Promise<Replaced> {
  const { live, jobId } = input;
  const shadow = ownDatabaseName(live.name, 'sync', input.runId);
  await journal.write({ entry: 'shadow', database: shadow });
  const current = new Releasers();
  try {
    options.report.step('prepare', `Creating a database beside "${live.name}"`);
    await createShadow(maintenance, { live, name: shadow, jobId, now: input.now() });
    if (input.plan.leftOutKinds.has('database setting'))
      await copyDatabaseSettings(maintenance, live, shadow);
    const { tables, largeObjects, holding } = await fillShadow(current, shadow, input, options);
    options.report.step('switch', `Making the new data live as "${live.name}"`);
    options.signal.throwIfAborted();
    const keptDatabase = ownDatabaseName(live.name, 'old', input.runId);
    await copyDatabaseLimits(maintenance, live, shadow);
    await journalSwitch(maintenance, journal, shadow, { keptDatabase, tables, largeObjects }, input);
    const swap = { live: live.name, comment: live.comment, jobId, now: input.now() };
    await swapDatabases(maintenance, { ...swap, next: shadow, keepAs: keptDatabase }, holding);
    const replaced = { keptDatabase, tables, largeObjects };
    if (input.search === null) return replaced;
    try {
      await input.search.move();
    } catch (error) {
      // The aliases are unchanged, so the database goes back as well: both show the same state.
      const tables = pairsOf(input.plan.keep).map(({ table }) => tableName(table));
      const keptObjects = input.plan.largeObjects === 'keep';
      const back = { ...swap, next: keptDatabase, keepAs: shadow };
      await swapBack(
        maintenance,
        journal,
        { environment: input.environment, swap: back, tables, largeObjects: keptObjects },
        options,
        error,
      );
    }
    return replaced;
  } catch (error) {
    if (isUnsettled(error)) journal.leaveOpen();
    else await discardDatabase(maintenance, journal, shadow, options.report);
    throw databaseError(error, 'target', `Replacing "${input.environment.name}"`);
  } finally {
    await current.release();
  }
}

/**
 * Loads, builds, verifies, carries kept rows over; ends with the kept tables of the live database locked, on a session
 * that `current` closes.
 */
async function fillShadow(
  current: Releasers,
  shadow: string,
  input: ReplaceInput,
  options: ReplaceOptions,
): Promise<Omit<Replaced, 'keptDatabase'> & { readonly holding: Holding | null }> {
  const { plan, live, reader } = input;
  return withReleasers(async (releasers) => {
    const next = openTarget(releasers, input, shadow);
    const sessions: Session[] = [];
    for (let count = 0; count < input.workers; count += 1)
      sessions.push(await hold(releasers, next, options.signal));
    const [first] = sessions;
    if (first === undefined) throw new Error('at least one worker');
    const schemas = schemaSwitchOf(first, plan, options);
    await schemas.prepare();
    const pre = plan.objects.filter(({ section }) => section === 'pre-data');
    for (const { end, objects } of stagesOf(pre, plan)) {
      await schemas.under(end);
      await runObjectsInOrder(first, objects, options);
    }
    await schemas.under('source');

    options.report.step('load', 'Loading rows');
    if (plan.largeObjects === 'copy') await loadLargeObjects(reader, sessions, input.largeObjects, options);
    await loadBlocks(reader, new Map(plan.load.map((table) => [table.id, table])), sessions, options);

    options.report.step('build', 'Building indexes and constraints');
    const post = plan.objects.filter(({ section }) => section === 'post-data');
    const onDone = (object: { readonly identity: string }): void => {
      options.report.itemStarted(object.identity);
      options.report.itemDone(object.identity);
    };
    for (const { end, objects } of stagesOf(
      post.filter(({ id }) => !plan.late.has(id)),
      plan,
    )) {
      await schemas.under(end);
      await runObjectsParallel(sessions, objects, { ...options, onDone });
    }
    await schemas.under('source');
    await analyzeTables(sessions, plan.load, options);

    options.report.step('verify', 'Comparing every table with the source');
    const verified = await verifyTables(sessions, [...plan.load, ...plan.empty], options);
    let largeObjects =
      plan.largeObjects === 'keep'
        ? null
        : await verifyLargeObjects(
            sessions,
            { ...reader.manifest.largeObjects, copied: plan.largeObjects === 'copy' },
            input.largeObjects,
            options,
          );

    await checkLoadedReferences(
      plan,
      { loaded: next, live: openTarget(releasers, input, live.name) },
      options,
    );

    // While kept rows are carried over, people who write to them must wait, so everything that does not need those
    // rows comes first.
    const keptTables = plan.keep.map(({ table }) => table);
    await schemas.under('target');
    const waits = input.search !== null && (await input.search.reads(first, keptTables));
    if (!waits) await buildSearch(input, next, options);

    const kept: TableReceipt[] = [];
    let holding: Holding | null = null;
    const keepsObjects = plan.largeObjects === 'keep';
    if (input.kept.any || keepsObjects || plan.keep.length + plan.keptSequences.length > 0) {
      const liveSession = await hold(current, openTarget(current, input, live.name), options.signal);
      options.report.step('keep', 'Carrying kept rows over');
      await lockKept(liveSession, plan.keep, options);
      const liveModel = await readCatalog(liveSession, {}, options);
      checkKeptDefinitions(input.kept, liveModel);
      if (keepsObjects) {
        await lockLargeObjects(liveSession, liveModel.largeObjects.count, options.signal);
        largeObjects = await carryLargeObjects(liveSession, first, options);
      }
      kept.push(...(await carryKeptRows(liveSession, first, plan.keep, options)));
      for (const { end, objects } of stagesOf(
        post.filter(({ id }) => plan.late.has(id)),
        plan,
      )) {
        await schemas.under(end);
        await tellingReferences(first, { ...plan, end }, options, () =>
          runObjectsParallel(sessions, objects, { ...options, onDone, fallback: 'TARGET_KEPT_TABLE' }),
        );
      }
      await schemas.under('target');
      const states = await keptSequenceStates(liveSession, plan.keptSequences, options);
      await setKeptSequences(first, plan.keptSequences, states, options);
      const { environment, jobId } = input;
      holding = holdingOf(liveSession, current, () =>
        bringLastNumbers(
          liveSession,
          { sequences: plan.keptSequences, states },
          {
            url: environment.database.withDatabase(shadow),
            applicationName: `multiboard-sync ${jobId}`,
          },
        ),
      );
      await analyzeTables(
        sessions,
        pairsOf(plan.keep).map(({ table }) => table),
        options,
      );
    }
    await schemas.under('source');
    await verifySequences(first, plan.sequences, options);
    const { serverVersionNum: sourceVersionNum } = reader.manifest.source;
    const ownWays = await verifyInventory(
      () => readInventory(first, inventoryScope(plan), options),
      { ...plan, sourceVersionNum },
      schemas,
    );
    reportOwnWays(options.report, ownWays);
    if (waits) await buildSearch(input, next, options);
    return { tables: [...verified, ...kept], largeObjects, holding };
  });
}

async function buildSearch(input: ReplaceInput, next: Database, options: ReplaceOptions): Promise<void> {
  if (input.search === null) return;
  options.report.step('search-build', 'Building the search collections');
  await input.search.build(next);
}

/** Our session on the live database, as the swap needs it. */
function holdingOf(session: Session, releasers: Releasers, last: Holding['last']): Holding {
  return {
    pid: session.pid,
    last,
    leave: async () => {
      // In the transaction that took the locks: an answer says that they were held all the time.
      await session.query('SELECT 1');
      await releasers.release();
    },
  };
}

async function journalSwitch(
  maintenance: Maintenance,
  journal: Journal,
  shadow: string,
  replaced: Replaced,
  input: ReplaceInput,
): Promise<void> {
  // Recovery finds out by this line whether the switch was made.
  const next = await targetFacts(maintenance, shadow, {});
  await journal.write({
    entry: 'switch',
    shadowOid: next.oid,
    aliases: [...(input.search?.goals() ?? [])],
    receipt: input.receipt(replaced),
    undoes: null,
  });
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
