import type { JobType } from 'bullmq';
import { SyncError } from '../errors/sync-error.ts';
import type { JobKind, JobState, ProgressSnapshot } from '../progress/progress.ts';
import { compareJobIds } from './job-id.ts';
import { isFinal } from './job-status.ts';
import { findJob } from './job-view.ts';
import type { JobView } from './job-view.ts';
import type { QueueBackend } from './queue-backend.ts';

export interface JobFilter {
  readonly state?: JobState | undefined;
  readonly kind?: JobKind | undefined;
  /** Source or target. */
  readonly environment?: string | undefined;
  readonly limit: number;
  /** Only jobs asked for before this one (an id). */
  readonly before?: string | undefined;
}

/** A job in a list: what has its size from the databases stands only in the job itself. */
export type JobSummary = Omit<JobView, 'receipt' | 'shortened' | 'progress'> & {
  readonly progress: Omit<ProgressSnapshot, 'steps' | 'items' | 'error'> | null;
};

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly JobSummary[];
  /** `before` of the next page; null on the last. */
  readonly before: string | null;
}

const unfinished: JobType[] = ['active', 'waiting', 'delayed', 'prioritized'];
const finished: JobType[] = ['completed', 'failed'];
const noJobs: Readonly<Record<JobState, number>> = {
  queued: 0,
  running: 0,
  cancelling: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
};

/** Jobs read side by side for a count. */
const readTogether = 20;

/**
 * What the queue tells of many jobs. Ids are cheap (a few hundred short texts); jobs are read one by one, so a page
 * never holds more than itself. Between calls it keeps how each failed job of the history ended (failed, cancelled),
 * and nothing else: that never changes, so it is read once.
 */
export class JobLists {
  readonly #backend: QueueBackend;
  readonly #failedStates = new Map<string, JobState>();

  constructor(backend: QueueBackend) {
    this.#backend = backend;
  }

  async list({ limit, before, ...wanted }: JobFilter): Promise<JobPage> {
    const jobs: JobSummary[] = [];
    for (const id of await this.#ids(listTypes(wanted.state))) {
      if (before !== undefined && compareJobIds(id, before) >= 0) continue;
      const view = await this.#find(id);
      if (view === null || !isWanted(view, wanted)) continue;
      if (jobs.length === limit) return { jobs, before: jobs.at(-1)?.id ?? null };
      jobs.push(summaryOf(view));
    }
    return { jobs, before: null };
  }

  async countByState(): Promise<Readonly<Record<JobState, number>>> {
    const counts = { ...noJobs };
    const [active, failed, stored] = await Promise.all([
      this.#ids(['active']),
      this.#ids(['failed']),
      this.#backend.call((queue) => queue.getJobCounts('waiting', 'delayed', 'prioritized', 'completed')),
    ]);
    for (const id of this.#failedStates.keys()) if (!failed.includes(id)) this.#failedStates.delete(id);
    const unknown = failed.filter((id) => !this.#failedStates.has(id));
    const read = async (id: string): Promise<void> => {
      const view = await this.#find(id);
      if (view === null) return;
      if (isFinal(view.state) && unknown.includes(id)) this.#failedStates.set(id, view.state);
      else counts[view.state] += 1;
    };
    const pending = [...active, ...unknown];
    while (pending.length > 0) await Promise.all(pending.splice(0, readTogether).map(read));
    for (const state of this.#failedStates.values()) counts[state] += 1;
    counts.queued += (stored['waiting'] ?? 0) + (stored['delayed'] ?? 0) + (stored['prioritized'] ?? 0);
    counts.done += stored['completed'] ?? 0;
    return counts;
  }

  /** Newest first. */
  async #ids(types: JobType[]): Promise<string[]> {
    const found = await this.#backend.call((queue) => queue.getRanges(types, 0, -1));
    return found.sort((one, other) => compareJobIds(other, one));
  }

  /** Null also for a job that another version wrote: it cannot be shown, and must not hide the others. */
  async #find(id: string): Promise<JobView | null> {
    try {
      return (await this.#backend.call((queue) => findJob(queue, id)))?.stored.view ?? null;
    } catch (error) {
      if (error instanceof SyncError && error.code === 'USAGE_INVALID') return null;
      throw error;
    }
  }
}

function isWanted(
  view: JobView,
  { state, kind, environment }: Pick<JobFilter, 'state' | 'kind' | 'environment'>,
): boolean {
  if (state !== undefined && view.state !== state) return false;
  if (kind !== undefined && view.kind !== kind) return false;
  return environment === undefined || view.source === environment || view.target === environment;
}

function summaryOf({ receipt: _receipt, shortened: _shortened, progress, ...view }: JobView): JobSummary {
  if (progress === null) return { ...view, progress };
  const { steps: _steps, items: _items, error: _error, ...brief } = progress;
  return { ...view, progress: brief };
}

function listTypes(state: JobState | undefined): JobType[] {
  switch (state) {
    case undefined:
      return [...unfinished, ...finished];
    case 'queued':
    case 'running':
    case 'cancelling':
      return unfinished;
    // An outcome is written before the job is filed, and a cancelled one can still wait for a worker to file it.
    case 'done':
    case 'failed':
    case 'cancelled':
      return [...unfinished, ...finished];
    default:
      return state satisfies never;
  }
}
