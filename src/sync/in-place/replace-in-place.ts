import { SyncError } from '../../errors/sync-error.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { pairsOf } from '../kept/keep-rows.ts';
import { checkKeptDefinitions } from '../kept/kept-definitions.ts';
import { beginLocked } from '../kept/lock-tables.ts';
import { inventoryScope } from '../prove/verify-inventory.ts';
import type { SearchRun } from '../search/search-run.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { Replacement } from '../load/replacement.ts';
import type { Loaded } from '../contract/import-run.ts';
import type { Proved } from '../contract/receipts.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import { commitSurely, transactionId } from './commit.ts';
import { checkLocks, checkObjectsCopy } from '../large-objects/locks.ts';
import { presentRelations } from '../kept/locked-tables.ts';
import { beforeTheRows } from './publications.ts';
import { dropAll, refuseChangedOutside, removedBy } from './drop-all.ts';
import { refuseOldSafetyCopy } from './safety-copy.ts';
import { Spool } from '../kept/spool.ts';
import { SpooledRows } from '../kept/spooled-rows.ts';
import { fillDatabase } from '../load/fill.ts';
import { proveWayBack } from './way-back.ts';
import type { SafetyCopy } from './way-back.ts';

export interface InPlaceInput extends Replacement {
  /** Null without one. */
  readonly safetyCopy: SafetyCopy | null;
  readonly search: SearchRun | null;
}

/**
 * Makes the target a copy inside one transaction on one connection: everything is dropped in reverse order (never
 * with CASCADE), made again, loaded and verified, and only then committed. Readers and writers of the target wait
 * meanwhile. Any failure or abort rolls all of it back. The search follows after the commit: an uncommitted database
 * cannot be read by its builder; when that fails the database is the new state, the search is the old one, and the
 * error says so.
 */
export async function replaceInPlace(run: Run, input: InPlaceInput): Promise<Loaded> {
  const { environment } = input.target;
  await using database = run.connect(targetEnd(environment), { access: 'write', connections: 3 });
  const spool = new Spool(run.config.directories.data, run.id);
  let receipts: Loaded;
  const session = await database.connect(run);
  try {
    receipts = await inOneTransaction(run, session, database, spool, input);
  } catch (error) {
    if (isUnsettled(error)) run.journal.leaveOpen();
    else run.signal.throwIfAborted();
    throw databaseError(error, 'target', `Replacing "${environment.name}" in place`);
  } finally {
    await session.release();
    await spool.remove();
  }
  if (input.search !== null) await followWithSearch(run, input.search, database);
  return receipts;
}

async function inOneTransaction(
  run: Run,
  session: Session,
  database: Database,
  spool: Spool,
  input: InPlaceInput,
): Promise<Loaded> {
  const { plan, reader, target } = input;
  const { report, signal } = run;
  const options = { signal, report };
  await lockAll(run, session, plan);
  // The session that commits holds the lock itself from here on.
  await target.lock.holdIn(session, options);
  // Again, now that nobody else can change them.
  const model = await readCatalog(session, inventoryScope(plan, 'target'), options);
  checkKeptDefinitions(input.kept, model);
  refuseChangedOutside(model, plan);
  const kept = new Set(pairsOf(plan.keep).map(({ live }) => live.id));
  const dropped = model.tables.filter(({ id }) => !kept.has(id));
  await refuseOldSafetyCopy(session, dropped, input.safetyCopy?.manifest.tables ?? [], options);
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
  await readDocumentsOnce(run, session, input.search);
  report.step('switch', 'Committing');
  signal.throwIfAborted();
  const done = { ...filled, keptDatabase: null, undoLacks: undo.lacks };
  const xid = await transactionId(session);
  const receipt = input.receipt(done);
  await run.journal.write({
    entry: 'commit',
    xid,
    database: databaseIdentity(target.facts),
    receipt,
    search: input.search !== null,
  });
  await commitSurely(session, xid, database);
  run.journal.keepEffect(receipt);
  return done;
}

/** Begins the transaction with everything locked that it replaces. */
async function lockAll({ config, report, signal }: Run, session: Session, plan: ImportPlan): Promise<void> {
  const options = { signal };
  report.step('prepare', 'Locking the target');
  await beginLocked(
    session,
    {
      relations: () => presentRelations(session, plan, options),
      mode: 'ACCESS EXCLUSIVE',
      // A lock on a table keeps no number from being given.
      sequences: plan.keptSequences.map(({ live }) => live),
      waitSeconds: config.sync.lockWaitSeconds,
      what: 'Locking what is to be replaced',
    },
    options,
  );
}

/** The search follows after the commit, so what ends it is found while nothing is done. */
async function readDocumentsOnce({ report }: Run, session: Session, search: SearchRun | null): Promise<void> {
  if (search === null) return;
  report.step('check', 'Reading the documents of the search once');
  await search.check(session);
}

/** Large objects that nobody touched. */
function stayed({ count, bytes }: CatalogModel['largeObjects']): Proved['largeObjects'] {
  return count === 0 ? null : { objects: count, bytes, content: 'kept', digest: null, equal: true };
}

async function followWithSearch({ report }: Run, search: SearchRun, database: Database): Promise<void> {
  try {
    report.step('search-build', 'Building the search collections');
    await search.build(database);
    report.step('search-switch', 'Moving the search aliases');
    await search.move();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throw new SyncError(
      error.code,
      `The database has the new data; the search still shows the old data: ${error.message}`,
      {
        cause: error,
        details: error.details,
        // Of an error of the database the catalogue says that it is unchanged, which is so no more.
        hint: `${error.hint.replace(' The target is unchanged.', '')} Then run "typesense" for this environment.`,
      },
    );
  }
}
