import { outlookOfAliases, restoreAliases } from '../../search/restore-aliases.ts';
import type { Run } from '../contract/run.ts';
import { canGoForwardAgain, undoBasis } from '../contract/undo-basis.ts';
import { goBackLater } from '../search/go-back-later.ts';
import type { CollectionReceipt, Receipt } from '../contract/receipts.ts';
import type { OpenTarget } from '../ends/opened-target.ts';

/** The undo of a first build removes the alias. */
export function removedAliases(target: OpenTarget, receipt: Receipt): readonly string[] {
  const gone = aliasGoals(target, receipt).filter(({ collection }) => collection === null);
  return gone.map(
    ({ alias }) => `The search alias "${alias}" is removed: before job "${receipt.jobId}" there was none.`,
  );
}

/** Where only the search was changed. */
export async function aliasesBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
): Promise<Record<string, never>> {
  run.signal.throwIfAborted();
  await target.lock.prove(target.maintenance);
  return searchBack(run, target, receipt);
}

/** All aliases or none; says in the journal when it is done. */
export async function searchBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
): Promise<Record<string, never>> {
  const { search } = target.environment;
  if (search !== null && receipt.collections.length > 0) {
    run.report.step('search-switch', 'Moving the search aliases back');
    // The database is back already: no cancel in between.
    const { signal } = new AbortController();
    const deps = { cluster: search, now: run.now };
    const goals = aliasGoals(target, receipt);
    const before = await outlookOfAliases(deps, goals, { signal });
    try {
      await restoreAliases(deps, goals, { signal, report: run.report });
    } catch (error) {
      // A swapped database goes forward again, and the aliases belong to it; a database changed in place is back
      // already.
      const stay = before.map(({ alias, from }) => ({ alias, collection: from }));
      await goBackLater(run.journal, canGoForwardAgain(undoBasis(receipt)) ? stay : goals, error);
      throw error;
    }
  }
  await run.journal.note({ entry: 'aliases', moved: true });
  return {};
}

/** What the search will show when the aliases are back; an undo of this undo moves them again. Nothing is moved yet. */
export async function collectionsBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
): Promise<readonly CollectionReceipt[]> {
  const { search } = target.environment;
  if (search === null || receipt.collections.length === 0) return [];
  const seen = await outlookOfAliases({ cluster: search, now: run.now }, aliasGoals(target, receipt), run);
  return seen.map(({ alias, collection, from, documents }) => ({
    alias,
    collection,
    previous: from,
    documents,
    // It was verified when it was built, but not since.
    verified: false,
    seconds: 0,
  }));
}

export function aliasGoals(
  target: OpenTarget,
  receipt: Receipt,
): { alias: string; collection: string | null }[] {
  if (target.environment.search === null) return [];
  return receipt.collections.map(({ alias, previous }) => ({ alias, collection: previous }));
}
