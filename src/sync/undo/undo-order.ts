import { SyncError } from '../../errors/sync-error.ts';
import type { JobRecord } from '../journal/records.ts';

/** How a job stands among the others of its target, as far as undoing it goes. */
export interface UndoOrder {
  /** The job that undid it; null where none did. */
  readonly undoneBy: string | null;
  /** Jobs that changed the target after it and still count, oldest first: an undo of this one takes them along. */
  readonly overtakenBy: readonly string[];
}

type Known = Pick<JobRecord, 'id' | 'kind' | 'target' | 'startedAt' | 'finishedAt' | 'receipt' | 'undoneBy'>;

/** Whether a job changed something on its target: its receipt says so, whatever came after. */
export function hasEffect({ receipt }: Pick<Known, 'receipt'>): boolean {
  if (receipt?.type !== 'receipt' || receipt.target === null) return false;
  // A merge of databases that were equal has touched nothing, unless it has rebuilt the search.
  return receipt.undoSchema !== null || receipt.collections.length > 0;
}

/**
 * Where a job stands among all jobs of its target. An undone one and its undo count for nothing together; an undo
 * that was itself undone counts for nothing either, and what it had undone counts again. Pure.
 */
export function undoOrder(job: Known, all: readonly Known[]): UndoOrder {
  const byId = new Map(all.map((one) => [one.id, one]));
  const undoes = new Map(
    all.flatMap(({ id, undoneBy }) => (undoneBy === null ? [] : [[undoneBy, id] as const])),
  );
  const counts = ({ undoneBy }: Known): boolean => {
    if (undoneBy === null) return true;
    const undo = byId.get(undoneBy);
    return undo !== undefined && !counts(undo);
  };
  const at = ({ finishedAt, startedAt }: Known): number => finishedAt ?? startedAt;
  const later = all
    .filter((one) => one.id !== job.id && one.target === job.target && hasEffect(one) && at(one) > at(job))
    .sort((a, b) => at(a) - at(b));
  const laterIds = new Set(later.map(({ id }) => id));
  const overtaking = later.filter((one) => {
    const undone = undoes.get(one.id);
    // The undo of a later job leaves things as they were before that one; an undo of this very job is told as such.
    if (undone !== undefined && (laterIds.has(undone) || undone === job.id)) return false;
    return counts(one);
  });
  return { undoneBy: job.undoneBy, overtakenBy: overtaking.map(({ id }) => id) };
}

/** CONFLICT_STATE where a job was undone already. */
export function refuseUndone(id: string, { undoneBy }: Pick<UndoOrder, 'undoneBy'>): void {
  if (undoneBy === null) return;
  throw new SyncError('CONFLICT_STATE', `Job "${id}" was undone already by "${undoneBy}".`, {
    hint: `To take that back, undo job "${undoneBy}".`,
  });
}

/**
 * Refuses an undo that takes later jobs along, unless that was asked for. CONFLICT_UNDO_OVERTAKEN names them, newest
 * first, which is the order in which they can be undone one by one.
 */
export function refuseOvertaken(
  job: { readonly id: string; readonly target: string | null },
  { overtakenBy }: UndoOrder,
  passOver: boolean,
): void {
  if (overtakenBy.length === 0 || passOver) return;
  const jobs = overtakenBy.toReversed();
  throw new SyncError(
    'CONFLICT_UNDO_OVERTAKEN',
    `${jobs.length} later job(s) changed "${job.target ?? ''}" after "${job.id}"; undoing it would undo ` +
      `their changes as well: ${jobs.join(', ')}. Nothing was undone.`,
    { details: { jobs } },
  );
}
