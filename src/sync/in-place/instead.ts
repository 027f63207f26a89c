import { readCatalog } from '../../catalog/read-catalog.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { Session } from '../../postgres/session.ts';
import type { Proved } from '../contract/receipts.ts';
import type { Run } from '../contract/run.ts';
import { checkKeptDefinitions } from '../kept/kept-definitions.ts';
import { pairsOf } from '../kept/kept-tables.ts';
import { beginLocked } from '../kept/lock-tables.ts';
import { presentRelations } from '../kept/locked-tables.ts';
import type { Spool } from '../kept/spool.ts';
import { SpooledRows } from '../kept/spooled-rows.ts';
import { checkLocks, checkObjectsCopy } from '../large-objects/locks.ts';
import { fillDatabase } from '../load/fill.ts';
import type { Replacement } from '../load/replacement.ts';
import { inventoryScope } from '../prove/verify-inventory.ts';
import type { SearchRun } from '../search/search-run.ts';
import { dropAll, refuseChangedOutside, removedBy } from './drop-all.ts';
import { beforeTheRows } from './publications.ts';
import { refuseOldSafetyCopy } from './safety-copy.ts';
import { proveWayBack } from './way-back.ts';
import type { SafetyCopy } from './way-back.ts';

export interface InPlaceInput extends Replacement {
  /** Null without one. */
  readonly safetyCopy: SafetyCopy | null;
  readonly search: SearchRun | null;
}

/** What a transaction in place holds when it is ready to be committed. */
export interface Made {
  readonly filled: Proved;
  readonly undoLacks: readonly string[];
}

/**
 * Drops everything and makes it again: whoever uses the target waits from the first lock to the commit. Begins the
 * transaction; ends with all of it proved.
 */
export async function makeInstead(
  run: Run,
  session: Session,
  spool: Spool,
  input: InPlaceInput,
): Promise<Made> {
  const { plan, reader, target } = input;
  const { config, report, signal } = run;
  const options = { signal, report };
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
  // The session that commits holds the lock itself from here on.
  await target.lock.holdIn(session, options);
  // Again, now that nobody else can change them.
  const model = await readCatalog(session, inventoryScope(plan, 'target'), options);
  checkKeptDefinitions(input.kept, model);
  refuseChangedOutside(model, plan);
  await refuseOldSafetyCopy(
    session,
    { tables: replacedTables(model, plan), model },
    input.safetyCopy,
    options,
  );
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
      : await proveWayBack(session, input.safetyCopy, { model, removed, apart: false }, options);
  report.step('prepare', 'Dropping the old objects inside the transaction');
  if (!undo.removed) await dropAll(session, removed, options);
  const filled = await fillDatabase(
    {
      team: [session],
      plan,
      reader,
      largeObjects: input.largeObjects,
      defusal: input.defusal,
      kept: rows,
      beforeRows: beforeTheRows(plan.objects.filter(({ section }) => section === 'post-data')),
    },
    options,
  );
  await readDocumentsOnce(run, session, input.search);
  return { filled, undoLacks: undo.lacks };
}

/** The tables of the target whose rows go. */
export function replacedTables(
  { tables }: CatalogModel,
  { keep }: InPlaceInput['plan'],
): CatalogModel['tables'] {
  const kept = new Set(pairsOf(keep).map(({ live }) => live.id));
  return tables.filter(({ id }) => !kept.has(id));
}

/** The search follows after the commit, so what ends it is found while nothing is done. */
export async function readDocumentsOnce(
  { report }: Run,
  session: Session,
  search: SearchRun | null,
): Promise<void> {
  if (search === null) return;
  report.step('check', 'Reading the documents of the search once');
  await search.check(session);
}

/** Large objects that nobody touched. */
function stayed({ count, bytes }: CatalogModel['largeObjects']): Proved['largeObjects'] {
  return count === 0 ? null : { objects: count, bytes, content: 'kept', digest: null, equal: true };
}
