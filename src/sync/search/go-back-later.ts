import { SyncError } from '../../errors/sync-error.ts';
import type { AliasGoal } from '../../search/restore-aliases.ts';
import type { RunJournal } from '../contract/run.ts';

/**
 * After a move of aliases that failed: writes down where they belong now. Where one could not be put there the
 * journal stays open, and the next run on the target does it (finish-search.ts).
 */
export async function goBackLater(
  journal: RunJournal,
  goals: readonly AliasGoal[],
  error: unknown,
): Promise<void> {
  await journal.note({ entry: 'alias goals', aliases: [...goals] });
  if (error instanceof SyncError && error.notPutBack.length > 0) journal.leaveOpen();
}
