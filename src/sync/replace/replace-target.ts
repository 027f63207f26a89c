import { Releasers, withReleasers } from '../../lib/releasers.ts';
import type { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { CarriedRows } from '../kept/carried-rows.ts';
import type { HeldRows } from '../kept/carried-rows.ts';
import { bringLastNumbers } from '../kept/last-numbers.ts';
import { fillDatabase } from '../load/fill.ts';
import { pairsOf } from '../kept/kept-tables.ts';
import type { Maintenance } from '../ends/maintenance.ts';
import { keptUntil } from '../ends/kept-until.ts';
import { ownDatabaseName } from '../ends/marker.ts';
import type { Replacement } from '../load/replacement.ts';
import type { SearchRun } from '../search/search-run.ts';
import { databaseIdentity, targetFacts } from '../ends/target-facts.ts';
import { checkLoadedReferences } from '../kept/references/load-references.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import type { Loaded } from '../contract/import-run.ts';
import type { Proved } from '../contract/receipts.ts';
import { copyDatabaseLimits, copyDatabaseSettings, liveBeforeSwitch } from './copy-settings.ts';
import { createShadow, discardDatabase } from './create-shadow.ts';
import { swapBack } from './return-kept.ts';
import { swapDatabases } from './swap-databases.ts';
import type { Holding } from './swap-databases.ts';
import { tableName } from '../../lib/table-name.ts';

export interface ReplaceInput extends Replacement {
  /** A session beside the target: without one nothing can be renamed. */
  readonly maintenance: Maintenance;
  /** Built from the proved data before the switch, moved right after it; null if the search stays as it is. */
  readonly search: SearchRun | null;
}

/**
 * Makes the target a copy by a shadow database (docs/architecture.md, "Replace"): create, load, build, verify, carry
 * kept rows, swap names in one transaction. Until the swap the live database is only read (kept tables are locked
 * against writers at the very end); every way out before it removes the shadow and leaves the target as it was.
 * `signal` is honoured until the swap begins; the swap itself is not interrupted.
 */
export async function replaceTarget(run: Run, input: ReplaceInput): Promise<Loaded> {
  const { journal, report, id: jobId } = run;
  const { maintenance } = input;
  const { facts: live, environment } = input.target;
  const shadow = ownDatabaseName(live.name, 'sync', run.attempt);
  await journal.write({ entry: 'shadow', database: shadow });
  const current = new Releasers();
  try {
    report.step('prepare', `Creating a database beside "${live.name}"`);
    await createShadow(maintenance, { live, name: shadow, jobId, now: run.now() });
    const keepsSettings = input.plan.leftOutKinds.has('database setting');
    if (keepsSettings) await copyDatabaseSettings(maintenance, live, shadow);
    const { proved, holding } = await fillShadow(run, current, shadow, input);
    report.step('switch', `Making the new data live as "${live.name}"`);
    run.signal.throwIfAborted();
    const keptDatabase = ownDatabaseName(live.name, 'old', run.attempt);
    const now = await liveBeforeSwitch(maintenance, live, shadow, { keepsSettings });
    await copyDatabaseLimits(maintenance, now, shadow);
    const loaded = { ...proved, keptDatabase, undoLacks: [] };
    await journalSwitch(run, shadow, loaded, input);
    const keepUntil = await keptUntil(maintenance, run.config.sync.keepDatabaseHours);
    const swap = { live: live.name, comment: now.comment, jobId, now: run.now(), keepUntil };
    await swapDatabases(maintenance, { ...swap, next: shadow, keepAs: keptDatabase }, holding);
    if (input.search === null) return loaded;
    try {
      await input.search.move();
    } catch (error) {
      // The aliases are unchanged, so the database goes back as well: both show the same state.
      const tables = pairsOf(input.plan.keep).map(({ table }) => tableName(table));
      const keptObjects = input.plan.largeObjects === 'keep';
      const back = { ...swap, next: keptDatabase, keepAs: shadow };
      await swapBack(run, maintenance, { environment, swap: back, tables, largeObjects: keptObjects }, error);
    }
    return loaded;
  } catch (error) {
    if (isUnsettled(error)) journal.leaveOpen();
    else await discardDatabase(maintenance, journal, shadow, report);
    throw databaseError(error, 'target', `Replacing "${environment.name}"`);
  } finally {
    await current.release();
  }
}

/**
 * Loads, builds, verifies, carries kept rows over; ends with the kept tables of the live database locked, on a session
 * that `current` closes.
 */
async function fillShadow(
  run: Run,
  current: Releasers,
  shadow: string,
  input: ReplaceInput,
): Promise<{ readonly proved: Proved; readonly holding: Holding | null }> {
  const { plan, target, reader } = input;
  const { report, signal } = run;
  const options = { signal, report };
  const open = (releasers: Releasers, databaseName: string): Database => {
    const connections = run.config.sync.workers + 1;
    const database = run.connect(targetEnd(target.environment, databaseName), {
      access: 'write',
      connections,
    });
    releasers.defer(() => database.close());
    return database;
  };
  return withReleasers(async (releasers) => {
    const next = open(releasers, shadow);
    const first = await hold(releasers, next, signal);
    const sessions: Session[] = [];
    while (sessions.length < run.config.sync.workers - 1) sessions.push(await hold(releasers, next, signal));
    const kept = new CarriedRows(
      plan,
      input.kept,
      () => hold(current, open(current, target.facts.name), signal),
      { ...options, lockWaitSeconds: run.config.sync.lockWaitSeconds },
    );
    const keptTables = plan.keep.map(({ table }) => table);
    let buildsLast = false;
    const proved = await fillDatabase(
      {
        team: [first, ...sessions],
        plan,
        reader,
        largeObjects: input.largeObjects,
        defusal: input.defusal,
        kept,
        beforeKept: async (schemas) => {
          const live = open(releasers, target.facts.name);
          await checkLoadedReferences(plan, { loaded: next, live }, options);
          await schemas.under('target');
          buildsLast = input.search !== null && (await input.search.reads(first, keptTables));
          // While kept rows are carried over, people who write to them wait: a search without them is built before.
          if (!buildsLast) await buildSearch(run, input, next);
        },
      },
      options,
    );
    if (buildsLast) await buildSearch(run, input, next);
    const { held } = kept;
    return { proved, holding: held === null ? null : holdingOf(run, held, current, shadow, input) };
  });
}

async function buildSearch({ report }: Run, input: ReplaceInput, next: Database): Promise<void> {
  if (input.search === null) return;
  report.step('search-build', 'Building the search collections');
  await input.search.build(next);
}

/** Our session on the live database, as the swap has to know of it. */
function holdingOf(
  { connect }: Run,
  { live, states }: HeldRows,
  releasers: Releasers,
  shadow: string,
  { target, plan }: ReplaceInput,
): Holding {
  return {
    pid: live.pid,
    last: () =>
      bringLastNumbers(live, { sequences: plan.keptSequences, states }, () =>
        connect(targetEnd(target.environment, shadow), { access: 'write', connections: 1 }),
      ),
    leave: async () => {
      // In the transaction that took the locks: an answer says that they were held all the time.
      await live.query('SELECT 1');
      await releasers.release();
    },
  };
}

async function journalSwitch(
  { journal }: Run,
  shadow: string,
  loaded: Loaded,
  input: ReplaceInput,
): Promise<void> {
  // Recovery finds out by this line whether the switch was made.
  const next = await targetFacts(input.maintenance, shadow, {});
  await journal.write({
    entry: 'switch',
    shadowOid: next.oid,
    database: databaseIdentity(input.target.facts),
    aliases: [...(input.search?.goals() ?? [])],
    receipt: input.receipt(loaded),
    undoes: null,
  });
}

async function hold(releasers: Releasers, database: Database, signal: AbortSignal): Promise<Session> {
  const session = await database.connect({ signal });
  releasers.defer(() => session.release());
  return session;
}
