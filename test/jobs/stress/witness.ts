import type { JobView } from '../../../src/jobs/job-view.ts';
import { isFinal } from '../../../src/jobs/job-status.ts';
import { nowUs, runOf } from './history.ts';
import type { Outcome } from './history.ts';

export interface Witness {
  /** Takes what one observer was told; what it is told of one job must be told in order. */
  see(observer: string, job: JobView): void;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly contradictions: readonly string[];
  /** Sightings in all. */
  readonly sightings: number;
}

const ranks = { queued: 0, running: 1, cancelling: 2, done: 3, failed: 3, cancelled: 3 } as const;

/**
 * Notes how each job was first seen to have ended, and each later sighting that differs: another end, or, by one
 * observer, a step back (running and then queued, ended and then running).
 */
export function createWitness(): Witness {
  const ends = new Map<string, string>();
  const outcomes = new Map<string, Outcome>();
  const seenStates = new Map<string, JobView['state']>();
  const contradictions: string[] = [];
  let sightings = 0;
  return {
    outcomes,
    contradictions,
    get sightings() {
      return sightings;
    },
    see(observer, job) {
      const { id, state, finishedAt, receipt, error } = job;
      sightings += 1;
      const before = seenStates.get(`${observer} ${id}`);
      if (before !== undefined && ranks[state] < ranks[before])
        contradictions.push(`${id}: ${before}, then ${state} (${observer})`);
      seenStates.set(`${observer} ${id}`, state);
      if (!isFinal(state)) return;
      const end = JSON.stringify({ state, finishedAt, receipt, error });
      const known = ends.get(id);
      if (known === undefined) {
        const named = { run: runOf(job), code: error?.code ?? null };
        outcomes.set(id, { state, ...named, finishedAtMs: finishedAt ?? 0, seenUs: nowUs() });
        ends.set(id, end);
      } else if (known !== end) {
        contradictions.push(`${id}: ended as ${known}, then as ${end} (${observer})`);
      }
    },
  };
}
