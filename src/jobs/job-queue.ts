import type { Job, JobType } from 'bullmq';
import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import type { JobKind, JobState, LogLevel, ProgressSnapshot } from '../progress/progress.ts';
import type { JobRequest } from '../sync/contract/job-request.ts';
import { compareJobIds, createJobIds } from './job-id.ts';
import type { JobIdDeps } from './job-id.ts';
import { newPayload } from './job-payload.ts';
import type { JobPayload } from './job-payload.ts';
import { isFinal } from './job-status.ts';
import { findJob } from './job-view.ts';
import type { JobView, StoredJob } from './job-view.ts';
import type { QueueBackend } from './queue-backend.ts';
import { eventsMax, history } from './queue-settings.ts';

export interface JobQueueDeps extends JobIdDeps {
  readonly backend: QueueBackend;
  /** The job's record in the data directory: its receipt and error whole; null where there is none. */
  readonly record?: ((id: string) => Promise<WholeEnd | null>) | undefined;
}

type WholeEnd = Pick<JobView, 'state' | 'receipt' | 'error'>;

interface JobFilter {
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

interface JobPage {
  /** Newest first. */
  readonly jobs: readonly JobSummary[];
  /** `before` of the next page; null on the last. */
  readonly before: string | null;
}

export interface JobLogLine {
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * The API's side of the queue. Every call may throw QUEUE_UNAVAILABLE; those with an id USAGE_NOT_FOUND. Holds no job
 * in memory: each answer is read from the queue.
 */
export interface JobQueue {
  /** Puts a job at the end of the queue; answers its id. Throws USAGE_INVALID. */
  addJob(request: JobRequest, options?: { readonly actor?: string | undefined }): Promise<string>;
  getJob(id: string): Promise<JobView>;
  /** The same with its receipt and error from the job's record, where the queue has them shortened. */
  getWholeJob(id: string): Promise<JobView>;
  listJobs(filter: JobFilter): Promise<JobPage>;
  /** A job that was cancelled before it began counts as queued until a worker has filed it. */
  countByState(): Promise<Readonly<Record<JobState, number>>>;
  /**
   * Asks a job to stop, whichever process runs it: the wish is stored with the job, and its worker looks for it. A job
   * that has not begun is cancelled with the answer. Throws CONFLICT_STATE when it has ended.
   */
  cancelJob(id: string, options?: { readonly actor?: string | undefined }): Promise<JobView>;
  /** Asks for the same again: a new job, linked by `retryOf`. Throws CONFLICT_STATE while the first has not ended. */
  retryJob(id: string, options?: { readonly actor?: string | undefined }): Promise<string>;
  /** Lines from number `from` on, oldest first. */
  logs(id: string, options?: { readonly from?: number | undefined }): Promise<readonly JobLogLine[]>;
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

/** An add that gets no answer does not hold up the next one for longer. */
const addTurnMs = 1_000;
/** Jobs read side by side for a count. */
const readTogether = 20;

/**
 * Holds no job in memory, but how each failed one of the history ended (failed, cancelled): that never changes, so
 * it is read once.
 */
export function createJobQueue(deps: JobQueueDeps): JobQueue {
  const { backend, now } = deps;
  let lastAdd: Promise<unknown> = Promise.resolve();
  const failedStates = new Map<string, JobState>();
  const newId = createJobIds(deps);

  const find = (id: string): ReturnType<typeof findJob> => backend.call((queue) => findJob(queue, id));

  const need = async (id: string): Promise<{ job: Job<unknown, unknown>; stored: StoredJob }> => {
    const found = await find(id);
    if (found === null) throw new SyncError('USAGE_NOT_FOUND', `There is no job ${id}.`);
    return found;
  };

  const add = async (
    request: JobRequest,
    more: { actor?: string | undefined; retryOf?: string },
  ): Promise<string> => {
    const payload = newPayload(request, {
      ...(more.actor === undefined ? {} : { actor: more.actor }),
      ...(more.retryOf === undefined ? {} : { retryOf: more.retryOf }),
    });
    // One after the other, so that jobs become visible in the order of their ids.
    const before = lastAdd;
    const added = inTurn(before, () => put(payload));
    lastAdd = added.catch(() => {});
    return added;
  };

  const put = async (payload: JobPayload): Promise<string> => {
    const { id, createdAt } = newId(payload.request.kind);
    await backend.call((queue) =>
      queue.add(payload.request.kind, payload, {
        jobId: id,
        timestamp: createdAt,
        // People try again, not the queue: whether a second run makes sense is theirs to say.
        attempts: 1,
        removeOnComplete: history,
        removeOnFail: history,
        stackTraceLimit: 0,
      }),
    );
    return id;
  };

  const getJob = async (id: string): Promise<JobView> => (await need(id)).stored.view;

  /** For lists: a job that another version wrote cannot be shown, and must not hide the others. */
  const findView = async (id: string): Promise<JobView | null> => {
    try {
      return (await find(id))?.stored.view ?? null;
    } catch (error) {
      if (error instanceof SyncError && error.code === 'USAGE_INVALID') return null;
      throw error;
    }
  };

  /** Ids are cheap (a few hundred short texts); jobs are read one by one, so a page never holds more than itself. */
  const ids = async (types: JobType[]): Promise<string[]> => {
    const found = await backend.call((queue) => queue.getRanges(types, 0, -1));
    return found.sort((one, other) => compareJobIds(other, one));
  };

  return {
    getJob,

    async getWholeJob(id) {
      const view = await getJob(id);
      const record = view.shortened ? ((await deps.record?.(id)) ?? null) : null;
      if (record === null || record.state !== view.state) return view;
      return { ...view, receipt: record.receipt, error: record.error, shortened: false };
    },

    addJob: (request, options = {}) => add(request, { actor: options.actor }),

    async listJobs(filter) {
      const { state, kind, environment, limit, before } = filter;
      const all = await ids(listTypes(state));
      const jobs: JobSummary[] = [];
      for (const id of all) {
        if (before !== undefined && compareJobIds(id, before) >= 0) continue;
        const view = await findView(id);
        if (view === null) continue;
        if (state !== undefined && view.state !== state) continue;
        if (kind !== undefined && view.kind !== kind) continue;
        if (environment !== undefined && view.source !== environment && view.target !== environment) continue;
        if (jobs.length === limit) return { jobs, before: jobs.at(-1)?.id ?? null };
        jobs.push(summaryOf(view));
      }
      return { jobs, before: null };
    },

    async countByState() {
      const counts = { ...noJobs };
      const [active, failed, stored] = await Promise.all([
        ids(['active']),
        ids(['failed']),
        backend.call((queue) => queue.getJobCounts('waiting', 'delayed', 'prioritized', 'completed')),
      ]);
      for (const id of failedStates.keys()) if (!failed.includes(id)) failedStates.delete(id);
      const unknown = failed.filter((id) => !failedStates.has(id));
      const read = async (id: string): Promise<void> => {
        const view = await findView(id);
        if (view === null) return;
        if (isFinal(view.state) && unknown.includes(id)) failedStates.set(id, view.state);
        else counts[view.state] += 1;
      };
      const pending = [...active, ...unknown];
      while (pending.length > 0) await Promise.all(pending.splice(0, readTogether).map(read));
      for (const state of failedStates.values()) counts[state] += 1;
      counts.queued += (stored['waiting'] ?? 0) + (stored['delayed'] ?? 0) + (stored['prioritized'] ?? 0);
      counts.done += stored['completed'] ?? 0;
      return counts;
    },

    async cancelJob(id, options = {}) {
      const { job, stored } = await need(id);
      if (isFinal(stored.view.state)) {
        throw new SyncError(
          'CONFLICT_STATE',
          `Job ${id} has ended (${stored.view.state}); nothing is left to cancel.`,
        );
      }
      if (stored.payload.cancel === undefined) {
        const actor = options.actor === undefined ? {} : { actor: options.actor };
        await backend.call(async (queue) => {
          await job.updateData({ ...stored.payload, cancel: { at: now(), ...actor } });
          await queue.getBackend().publishEvent({ event: 'cancel', jobId: id }, eventsMax);
        });
      }
      return getJob(id);
    },

    async retryJob(id, options = {}) {
      const { stored } = await need(id);
      if (!isFinal(stored.view.state)) {
        throw new SyncError('CONFLICT_STATE', `Job ${id} has not ended yet (${stored.view.state}).`);
      }
      return add(stored.payload.request, { actor: options.actor, retryOf: id });
    },

    async logs(id, options = {}) {
      const from = options.from ?? 0;
      const { logs } = await backend.call((queue) => queue.getJobLogs(id, from, -1));
      if (logs.length === 0) await need(id);
      return logs.map((row) => readLine(row));
    },
  };
}

async function inTurn<T>(before: Promise<unknown>, work: () => Promise<T>): Promise<T> {
  await inTime(before, addTurnMs, () => {});
  return work();
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

const lineSchema = z.object({
  at: z.number(),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** Only our worker writes lines; another program's text would not be JSON of this shape. */
function readLine(row: string): JobLogLine {
  let line: unknown = null;
  try {
    line = JSON.parse(row);
  } catch {
    // Not ours: shown as a line without time below.
  }
  const parsed = lineSchema.safeParse(line);
  return parsed.success ? parsed.data : { at: 0, level: 'info', message: row, fields: {} };
}
