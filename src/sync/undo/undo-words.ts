import { SyncError } from '../../errors/sync-error.ts';
import { lackWords } from '../../plan/lack-words.ts';
import type { UndoOutlook } from './undo-outlook.ts';

/**
 * An outlook in words, for people; null for a job that is the last word on its target, and whose undo brings all back.
 */
export function undoWords({ undoneBy, overtakenBy, lacks, gone, notes }: UndoOutlook): string | null {
  if (undoneBy !== null) return `Undone by job ${undoneBy}.`;
  const last = overtakenBy.at(-1);
  const words = [
    ...(gone.length === 0 ? [] : [`Can no longer be undone. ${gone.join(' ')}`]),
    ...(last === undefined ? [] : [`Job ${last} ran later: undoing this one undoes its changes as well.`]),
    ...lackWords(lacks),
    ...notes,
  ];
  return words.length === 0 ? null : words.join(' ');
}

/** CONFLICT_UNDO_GONE where what the undo needs is not there any more. */
export function refuseGone(id: string, { gone }: Pick<UndoOutlook, 'gone'>): void {
  if (gone.length === 0) return;
  throw new SyncError(
    'CONFLICT_UNDO_GONE',
    `Job "${id}" can no longer be undone. ${gone.join(' ')} Nothing was changed.`,
    {
      details: { gone },
      hint:
        'If its safety copy is still there (multiboard-sync dumps), import that. If the former search ' +
        'collections are gone, run "typesense" to rebuild the search.',
    },
  );
}
