import type { Job } from 'bullmq';
import type { ErrorReport } from '../errors/sync-error.ts';
import { SyncError, errorReport } from '../errors/sync-error.ts';
import type { JobKind, JobState, ProgressSnapshot } from '../progress/progress.ts';
import type { JobRequest } from '../sync/contract/requests.ts';
import type { Trigger } from '../sync/contract/trigger.ts';
import { parsePayload } from './job-payload.ts';
import { requestEnds } from '../sync/contract/requests.ts';
import type { JobPayload } from './job-payload.ts';
import { finalSnapshot, readStatus } from './job-status.ts';
import type { JobOutcome, JobReceipt, JobStatus } from './job-status.ts';
import type { AnyQueue } from './queue-backend.ts';
import { fromFailedReason } from './queue-error.ts';

/** A job as it can be shown to anyone with the key: names, ids, numbers; no address and no secret. */
export interface JobView {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly request: JobRequest;
  readonly source: string | null;
  readonly target: string | null;
  /** Who asked for it; null where nobody said. */
  readonly actor: string | null;
  /** What put it into the queue; null where a person did. */
  readonly trigger: Trigger | null;
  /** The latest snapshot; null before the first. Its `sequence` never falls, not even when the job is taken over. */
  readonly progress: ProgressSnapshot | null;
  readonly receipt: JobReceipt | null;
  readonly error: ErrorReport | null;
  /** True where `receipt` or `error` is cut; the job's record has it whole. */
  readonly shortened: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Runs that began so far; 0 while it waits, more than 1 when a worker died. */
  readonly attempts: number;
  /** The job whose request this one repeats. */
  readonly retryOf: string | null;
}

/** BullMQ's state of a job, as `getState()` says it. */
type BullState = Awaited<ReturnType<Job['getState']>>;

export interface StoredJob {
  readonly payload: JobPayload;
  readonly status: JobStatus;
  readonly view: JobView;
}

/**
 * Finds a job in the queue; null when it is not there. Throws USAGE_INVALID when another version wrote it.
 *
 * BullMQ reads the job and its state with two calls (docs/facts/bullmq.md#states). A job that ended between them
 * would look as if it had failed without saying why, so it is read once more: with its end (`finishedOn`) comes all
 * that was written before it.
 */
export async function findJob(
  queue: AnyQueue,
  id: string,
): Promise<{ readonly job: Job<unknown, unknown>; readonly stored: StoredJob } | null> {
  for (;;) {
    const job = await queue.getJob(id);
    if (job === undefined) return null;
    const bullState = await job.getState();
    if (bullState === 'unknown') return null;
    const ended = bullState === 'completed' || bullState === 'failed';
    if (!ended || job.finishedOn !== undefined) return { job, stored: readJob(job, bullState) };
  }
}

/**
 * Reads what the queue stores of a job. Throws USAGE_INVALID when another version wrote it.
 *
 * A job that has not begun and has a wish to be cancelled counts as cancelled, for good: whoever takes it up only
 * files it. Once a job has begun, only its worker can say that it is cancelled. A job that has begun runs or waits
 * for another worker; BullMQ's state does not tell, for it may give a running job to a second worker
 * (docs/facts/bullmq.md#locks-and-stalled-jobs).
 */
function readJob(job: Job<unknown, unknown>, bullState: BullState): StoredJob {
  const id = job.id ?? '';
  const payload = parsePayload(id, job.data);
  const status = readStatus(job.progress);
  const outcome = status.outcome ?? outcomeOutsideWorker(id, job, bullState, payload, status);
  const { request } = payload;
  const view: JobView = {
    id,
    kind: request.kind,
    state: outcome?.state ?? liveState(payload, status),
    request,
    ...requestEnds(request),
    actor: payload.actor ?? null,
    trigger: payload.trigger ?? null,
    progress: outcome === null ? status.progress : finalSnapshot(status.progress, outcome),
    receipt: outcome?.state === 'done' ? outcome.receipt : null,
    error: outcome === null || outcome.state === 'done' ? null : outcome.error,
    shortened: outcome?.shortened ?? false,
    createdAt: job.timestamp,
    startedAt: status.startedAt,
    finishedAt: outcome?.at ?? null,
    attempts: status.attempts,
    retryOf: payload.retryOf ?? null,
  };
  return { payload, status, view };
}

function liveState(payload: JobPayload, status: JobStatus): JobState {
  if (payload.cancel !== undefined) return 'cancelling';
  return status.startedAt === null ? 'queued' : 'running';
}

/** Ends that no worker of ours wrote down: cancelled before its start, or failed by BullMQ itself. */
function outcomeOutsideWorker(
  id: string,
  job: Job<unknown, unknown>,
  bullState: BullState,
  payload: JobPayload,
  status: JobStatus,
): JobOutcome | null {
  const { cancel } = payload;
  // A run begins in one step with the look for such a wish: from here on this job cannot begin.
  if (cancel !== undefined && status.startedAt === null)
    return { state: 'cancelled', error: errorReport(cancelled(id, cancel.actor)), at: cancel.at };
  if (bullState !== 'failed') return null;
  const error = fromFailedReason(id, job.failedReason);
  return {
    state: error.category === 'cancelled' ? 'cancelled' : 'failed',
    error,
    at: job.finishedOn ?? job.timestamp,
  };
}

/** The error of a job that a person cancelled. */
export function cancelled(id: string, actor: string | undefined): SyncError {
  return new SyncError('CANCELLED', `Job ${id} was cancelled${actor === undefined ? '' : ` by ${actor}`}.`);
}
