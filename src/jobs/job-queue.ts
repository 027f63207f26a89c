import type { Job } from 'bullmq';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import type { JobState } from '../progress/progress.ts';
import type { JobRequest } from '../sync/contract/requests.ts';
import type { Trigger } from '../sync/contract/trigger.ts';
import type { JobRecord } from '../sync/journal/records.ts';
import type { AskedJobs } from './asked-jobs.ts';
import { createJobIds } from './job-id.ts';
import type { JobIdDeps } from './job-id.ts';
import { JobLists } from './job-lists.ts';
import type { JobFilter, JobPage } from './job-lists.ts';
import { readLogLine } from './job-log-lines.ts';
import type { JobLogLine } from './job-log-lines.ts';
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
  readonly record?: ((id: string) => Promise<JobRecord | null>) | undefined;
  /** Notes what is asked for before the queue has it, and takes that back where the queue refuses it. */
  readonly asked?: Pick<AskedJobs, 'note' | 'forget'> | undefined;
}

/**
 * The API's side of the queue. Every call may throw QUEUE_UNAVAILABLE; those with an id USAGE_NOT_FOUND. Holds no job
 * in memory: each answer is read from the queue, or, of a job that the queue has lost, from its record.
 */
export interface JobQueue {
  /**
   * Puts a job at the end of the queue; answers its id. `id`: that of this one job, whoever asks for it and how often;
   * one that the queue has is not added again. Throws USAGE_INVALID.
   */
  addJob(request: JobRequest, options?: AddOptions): Promise<string>;
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

export interface AddOptions {
  readonly actor?: string | undefined;
  readonly trigger?: Trigger | undefined;
  readonly id?: string | undefined;
}

/** An add that gets no answer does not hold up the next one for longer. */
const addTurnMs = 1_000;

export function createJobQueue(deps: JobQueueDeps): JobQueue {
  return new StoredJobs(deps);
}

/** What a job is asked for with, beside its request. */
interface Asked extends AddOptions {
  readonly retryOf?: string;
}

/**
 * The jobs in the queue. It has one state of its own: whether an add is on its way, for at most `addTurnMs`; the next
 * one waits for it, so that jobs become visible in the order of their ids.
 */
class StoredJobs implements JobQueue {
  readonly #deps: JobQueueDeps;
  readonly #lists: JobLists;
  readonly #newId: ReturnType<typeof createJobIds>;
  /** Resolves when no add is on its way; never rejects. */
  #lastAdd: Promise<unknown> = Promise.resolve();

  constructor(deps: JobQueueDeps) {
    this.#deps = deps;
    this.#lists = new JobLists(deps.backend);
    this.#newId = createJobIds(deps);
  }

  addJob(request: JobRequest, options: AddOptions = {}): Promise<string> {
    return this.#add(request, options);
  }

  async getJob(id: string): Promise<JobView> {
    const found = await this.#deps.backend.call((queue) => findJob(queue, id));
    if (found !== null) return found.stored.view;
    const view = viewOfRecord((await this.#deps.record?.(id)) ?? null);
    if (view === null) throw unknownJob(id);
    return view;
  }

  async getWholeJob(id: string): Promise<JobView> {
    const view = await this.getJob(id);
    const record = view.shortened ? ((await this.#deps.record?.(id)) ?? null) : null;
    if (record === null || record.state !== view.state) return view;
    return { ...view, receipt: record.receipt, error: record.error, shortened: false };
  }

  listJobs(filter: JobFilter): Promise<JobPage> {
    return this.#lists.list(filter);
  }

  countByState(): Promise<Readonly<Record<JobState, number>>> {
    return this.#lists.countByState();
  }

  async cancelJob(id: string, options: { readonly actor?: string | undefined } = {}): Promise<JobView> {
    const { backend, now } = this.#deps;
    const { job, stored } = await this.#need(id);
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
    return this.getJob(id);
  }

  async retryJob(id: string, { actor }: { readonly actor?: string | undefined } = {}): Promise<string> {
    const { stored } = await this.#need(id);
    if (!isFinal(stored.view.state)) {
      throw new SyncError('CONFLICT_STATE', `Job ${id} has not ended yet (${stored.view.state}).`);
    }
    return this.#add(stored.payload.request, { actor, retryOf: id });
  }

  async logs(
    id: string,
    { from = 0 }: { readonly from?: number | undefined } = {},
  ): Promise<readonly JobLogLine[]> {
    const { logs } = await this.#deps.backend.call((queue) => queue.getJobLogs(id, from, -1));
    if (logs.length === 0) await this.getJob(id);
    return logs.map((row) => readLogLine(row));
  }

  async #need(id: string): Promise<{ readonly job: Job<unknown, unknown>; readonly stored: StoredJob }> {
    const found = await this.#deps.backend.call((queue) => findJob(queue, id));
    if (found === null) throw unknownJob(id);
    return found;
  }

  async #add(request: JobRequest, { actor, retryOf, trigger, id }: Asked): Promise<string> {
    const payload = newPayload(request, {
      ...(actor === undefined ? {} : { actor }),
      ...(retryOf === undefined ? {} : { retryOf }),
      ...(trigger === undefined ? {} : { trigger }),
    });
    const before = this.#lastAdd;
    const added = inTime(before, addTurnMs, () => {}).then(() => this.#put(payload, id));
    this.#lastAdd = added.catch(() => {});
    return added;
  }

  async #put(payload: JobPayload, known: string | undefined): Promise<string> {
    const { kind } = payload.request;
    const { backend, asked } = this.#deps;
    if (known !== undefined && (await backend.call((queue) => findJob(queue, known))) !== null) return known;
    const made = this.#newId(kind);
    const { createdAt } = made;
    const id = known ?? made.id;
    await asked?.note(id, payload, createdAt);
    try {
      await backend.call((queue) =>
        queue.add(kind, payload, {
          jobId: id,
          timestamp: createdAt,
          // People try again, not the queue: whether a second run makes sense is theirs to say.
          attempts: 1,
          removeOnComplete: history,
          removeOnFail: history,
          stackTraceLimit: 0,
        }),
      );
    } catch (error) {
      await asked?.forget(id);
      throw error;
    }
    return id;
  }
}

function unknownJob(id: string): SyncError {
  return new SyncError('USAGE_NOT_FOUND', `There is no job ${id}.`);
}

/** Null for one that was not asked for through a queue: the command line’s own runs are no jobs of the service. */
function viewOfRecord(record: JobRecord | null): JobView | null {
  if (record?.asked === undefined) return null;
  const { request, actor = null } = record.asked;
  const { id, kind, state, source, target, receipt, error, startedAt, finishedAt } = record;
  return {
    id,
    kind,
    state,
    request,
    source,
    target,
    actor,
    trigger: record.asked.trigger ?? null,
    progress: null,
    receipt,
    error,
    shortened: false,
    createdAt: startedAt,
    startedAt: state === 'queued' ? null : startedAt,
    finishedAt,
    attempts: state === 'queued' ? 0 : 1,
    retryOf: null,
  };
}
