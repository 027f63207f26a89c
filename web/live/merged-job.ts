import type { Job, JobState, LogLine } from '../api/types.ts';
import { hasEnded } from '../lib/words.ts';
import type { LiveState } from './live-state.ts';

/** A run goes through them in this order, and never back. */
const ranks: Readonly<Record<JobState, number>> = {
  queued: 0,
  running: 1,
  cancelling: 2,
  done: 3,
  failed: 3,
  cancelled: 3,
};

/**
 * The newest of what was read and what the stream has told; null until it was read. Only what was read has the undo,
 * and the whole receipt. A run counts as ended when its end is told, not with the snapshot that comes before.
 */
export function mergedJob(
  read: Job | undefined,
  { told, progress }: Pick<LiveState, 'told' | 'progress'>,
): Job | null {
  if (read === undefined) return null;
  if (hasEnded(read.state)) return read;
  const newest: Job = told === null ? read : { ...read, ...told };
  if (hasEnded(newest.state)) return newest;
  const isNewer = progress !== null && progress.sequence >= (newest.progress?.sequence ?? -1);
  const last = isNewer ? progress : newest.progress;
  const states = [read.state, newest.state, ...(last === null || hasEnded(last.state) ? [] : [last.state])];
  const state = states.reduce((one, other) => (ranks[other] > ranks[one] ? other : one));
  return { ...newest, state, progress: last };
}

/** A line can come by the stream and by the list: it is shown once. */
export function allLines(read: readonly LogLine[], told: readonly LogLine[]): readonly LogLine[] {
  const keyOf = ({ at, message }: LogLine): string => `${at} ${message}`;
  const known = new Set(read.map(keyOf));
  return [...read, ...told.filter((line) => !known.has(keyOf(line)))];
}
