import type { JobSummary } from '../api/types.ts';
import { hasEnded } from './words.ts';

/** What the runs tell of an environment. Jobs come newest first. */
export interface EnvironmentState {
  /** The last run that changed its data and stands; null where none is known. */
  readonly written: JobSummary | null;
  /** The last run that read from it, where nothing was ever written to it. */
  readonly read: JobSummary | null;
  /** The last run that ended, on either side. */
  readonly last: JobSummary | null;
  /** Runs on it that have not ended, the oldest first. */
  readonly open: readonly JobSummary[];
}

const writes = new Set<JobSummary['kind']>(['sync', 'import', 'rollback']);

export function environmentState(name: string, jobs: readonly JobSummary[]): EnvironmentState {
  const own = jobs.filter(({ source, target }) => source === name || target === name);
  const done = own.filter(({ state }) => state === 'done');
  return {
    written: done.find(({ kind, target }) => target === name && writes.has(kind)) ?? null,
    read: done.find(({ source }) => source === name) ?? null,
    last: own.find(({ state }) => hasEnded(state)) ?? null,
    open: own.filter(({ state }) => !hasEnded(state)).reverse(),
  };
}

/** Runs that have to end before a waiting one begins, the next one first: one at a time writes to a target. */
export function runsAhead(
  { id, target, createdAt }: Pick<JobSummary, 'id' | 'target' | 'createdAt'>,
  jobs: readonly JobSummary[],
): readonly JobSummary[] {
  if (target === null) return [];
  return jobs
    .filter(
      (one) => one.target === target && one.id !== id && !hasEnded(one.state) && one.createdAt <= createdAt,
    )
    .toSorted((one, other) => one.createdAt - other.createdAt);
}

/** How long runs like it took, milliseconds: the middle one of the last five; null where there is none. */
export function usualDuration(
  { kind, source, target }: Pick<JobSummary, 'kind' | 'source' | 'target'>,
  jobs: readonly JobSummary[],
): { readonly ms: number; readonly runs: number } | null {
  const took = jobs
    .filter(
      (one) => one.state === 'done' && one.kind === kind && one.source === source && one.target === target,
    )
    .slice(0, 5)
    .flatMap(({ startedAt, finishedAt }) =>
      startedAt === null || finishedAt === null ? [] : [finishedAt - startedAt],
    )
    .sort((one, other) => one - other);
  const ms = took[Math.floor(took.length / 2)];
  return ms === undefined ? null : { ms, runs: took.length };
}
