import type { Config } from '../../config/config.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { Journal } from '../journal/journal.ts';
import { pairsOf } from '../kept/keep-rows.ts';
import { checkKeptDefinitions } from '../kept/kept-definitions.ts';
import type { KeptDefinitions } from '../kept/kept-definitions.ts';
import { beginLocked } from '../kept/lock-tables.ts';
import { inventoryScope } from '../prove/verify-inventory.ts';
import type { SearchRun } from '../search/search-run.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import type { TargetFacts } from '../ends/target-facts.ts';
import type { TargetLock } from '../ends/target-lock.ts';
import type { Loaded, Receipt } from '../contract/receipts.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import { commitSurely, transactionId } from './commit.ts';
import type { LargeObjectsTarget } from '../large-objects/load.ts';
import { checkLocks, checkObjectsCopy } from '../large-objects/locks.ts';
import { lockedInPlace, presentTables } from '../kept/locked-tables.ts';
import { beforeTheRows } from './publications.ts';
import { dropAll, removedBy } from './drop-all.ts';
import { checkSafetyCopy } from './safety-copy.ts';
import { Spool } from '../kept/spool.ts';
import { SpooledRows } from '../kept/spooled-rows.ts';
import { fillDatabase } from '../load/fill.ts';
import { proveWayBack } from './way-back.ts';
import type { SafetyCopy } from './way-back.ts';

export interface InPlaceInput {
  readonly jobId: string;
  readonly environment: Environment;
  readonly live: TargetFacts;
  readonly reader: DumpReader;
  readonly plan: ImportPlan;
  readonly kept: KeptDefinitions;
  readonly largeObjects: LargeObjectsTarget;
  /** Null without one. */
  readonly safetyCopy: SafetyCopy | null;
  readonly config: Pick<Config, 'directories'>;
  readonly search: SearchRun | null;
  readonly lock: TargetLock;
  readonly journal: Journal;
  /** The receipt as it will be when the transaction is committed: journalled before it. */
  readonly receipt: (done: Loaded) => Receipt | null;
}

export interface InPlaceOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

/**
 * Makes the target a copy inside one transaction on one connection: everything is dropped in reverse order (never
 * with CASCADE), made again, loaded and verified, and only then committed. Readers and writers of the target wait
 * meanwhile. Any failure or abort rolls all of it back. The search follows after the commit: an uncommitted database
 * cannot be read by its builder; when that fails the database is the new state, the search is the old one, and the
 * error says so.
 */
export async function replaceInPlace(input: InPlaceInput, options: InPlaceOptions): Promise<Loaded> {
  await using database = new Database({
    url: input.environment.database,
    side: 'target',
    access: 'write',
    applicationName: `multiboard-sync ${input.jobId}`,
    connectionsMax: 3,
  });
  const spool = new Spool(input.config.directories.data, input.jobId);
  let receipts: Loaded;
  const session = await database.connect(options);
  try {
    receipts = await inOneTransaction(session, database, spool, input, options);
  } catch (error) {
    if (isUnsettled(error)) input.journal.leaveOpen();
    else options.signal.throwIfAborted();
    throw databaseError(error, 'target', `Replacing "${input.environment.name}" in place`);
  } finally {
    await session.release();
    await spool.remove();
  }
  if (input.search !== null) await followWithSearch(input.search, database, options);
  return receipts;
}

async function inOneTransaction(
  session: Session,
  database: Database,
  spool: Spool,
  input: InPlaceInput,
  options: InPlaceOptions,
): Promise<Loaded> {
  const { plan, reader } = input;
  const { report } = options;
  report.step('prepare', 'Locking the target');
  await beginLocked(
    session,
    {
      tables: async () => lockedInPlace(await presentTables(session, options), plan),
      mode: 'ACCESS EXCLUSIVE',
      // A lock on a table keeps no number from being given.
      sequences: plan.keptSequences.map(({ live }) => live),
      what: 'Locking the tables that are to be replaced',
    },
    options,
  );
  // The session that commits holds the lock itself from here on.
  await input.lock.holdIn(session, options);
  // Again, now that nobody else can change them.
  const model = await readCatalog(session, inventoryScope(plan), options);
  checkKeptDefinitions(input.kept, model);
  const kept = new Set(pairsOf(plan.keep).map(({ live }) => live.id));
  const dropped = model.tables.filter(({ id }) => !kept.has(id));
  await checkSafetyCopy(session, dropped, input.safetyCopy?.manifest.tables ?? [], options);
  const { manifest } = reader;
  if (plan.largeObjects !== 'keep') {
    const commented = plan.largeObjects === 'copy' ? (manifest.largeObjects.digest?.words.rows ?? 0) : 0;
    await checkLocks(session, { removed: model.largeObjects.count, commented }, options);
    await checkObjectsCopy(session, input.safetyCopy?.manifest.largeObjects ?? null, options);
  }
  const rows = await SpooledRows.setAside(
    session,
    spool,
    plan,
    plan.largeObjects === 'keep' ? stayed(model.largeObjects) : null,
    options,
  );
  const removed = removedBy(plan, model);
  report.step('prepare', 'Trying an undo: loading the safety copy, and taking it back');
  const undo =
    input.safetyCopy === null
      ? { lacks: [], removed: false }
      : await proveWayBack(session, input.safetyCopy, { model, removed }, options);
  report.step('prepare', 'Dropping the old objects inside the transaction');
  if (!undo.removed) await dropAll(session, removed, options);
  const filled = await fillDatabase(
    {
      team: [session],
      plan,
      reader,
      largeObjects: input.largeObjects,
      kept: rows,
      beforeRows: beforeTheRows(plan.objects.filter(({ section }) => section === 'post-data')),
    },
    options,
  );
  await readDocumentsOnce(session, input.search, options);
  report.step('switch', 'Committing');
  options.signal.throwIfAborted();
  const done = { ...filled, undoLacks: undo.lacks };
  const xid = await transactionId(session);
  const receipt = input.receipt(done);
  await input.journal.write({
    entry: 'commit',
    xid,
    database: databaseIdentity(input.live),
    receipt,
    search: input.search !== null,
  });
  await commitSurely(session, xid, database);
  input.journal.keepEffect(receipt);
  return done;
}

/** The search follows after the commit, so what ends it is found while nothing is done. */
async function readDocumentsOnce(
  session: Session,
  search: SearchRun | null,
  { report }: InPlaceOptions,
): Promise<void> {
  if (search === null) return;
  report.step('check', 'Reading the documents of the search once');
  await search.check(session);
}

/** Large objects that nobody touched. */
function stayed({ count, bytes }: CatalogModel['largeObjects']): Loaded['largeObjects'] {
  return count === 0 ? null : { objects: count, bytes, content: 'kept', digest: null, equal: true };
}

async function followWithSearch(
  search: SearchRun,
  database: Database,
  options: InPlaceOptions,
): Promise<void> {
  try {
    options.report.step('search-build', 'Building the search collections');
    await search.build(database);
    options.report.step('search-switch', 'Moving the search aliases');
    await search.move();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throw new SyncError(
      error.code,
      `The database has the new data; the search still shows the old data: ${error.message}`,
      {
        cause: error,
        details: error.details,
        hint: `${error.hint} Then run "typesense" for this environment.`,
      },
    );
  }
}
