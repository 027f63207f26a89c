import type { JobView } from '../jobs/job-view.ts';
import type { NoticeEvent } from './channel.ts';

/** How a job of which people may be told ended. */
type End = 'good' | 'bad';

/** What is known of a job that ended earlier. */
export type EarlierJob = Pick<JobView, 'id' | 'kind' | 'source' | 'target' | 'state'> & {
  readonly error: { readonly code: string } | null;
  readonly receipt?: JobView['receipt'] | undefined;
};

/**
 * Null while it runs, and where a person stopped it: that is known. A comparison that found a difference is a bad end,
 * although the job has done its work.
 */
export function endOf({
  state,
  error,
  receipt,
}: Pick<EarlierJob, 'state' | 'error' | 'receipt'>): End | null {
  if (state === 'failed') return 'bad';
  if (state === 'cancelled') return error?.code === 'TIMED_OUT' ? 'bad' : null;
  if (state !== 'done') return null;
  return receipt?.type === 'verify' && !receipt.equal ? 'bad' : 'good';
}

/** Whether two jobs are about the same: what failed and what works again. */
export function isSameWork(one: EarlierJob, other: EarlierJob): boolean {
  return one.kind === other.kind && one.source === other.source && one.target === other.target;
}

/** `earlier`: jobs of the same work that ended before, newest first. */
export function eventsOf(job: EarlierJob, earlier: readonly EarlierJob[]): readonly NoticeEvent[] {
  const end = endOf(job);
  if (end === null) return [];
  if (end === 'bad') return ['failure'];
  if (job.kind === 'rollback') return ['undo'];
  const ends = earlier.map(endOf).filter((one) => one !== null);
  if (ends[0] === 'bad') return ends.includes('good') ? ['recovery'] : ['recovery', 'firstSuccess'];
  return ends.length === 0 ? ['firstSuccess'] : [];
}
