import { SyncError } from '../errors/sync-error.ts';
import { claimOf, isRunOf } from './claims/claims.ts';
import type { Claim, StatusWrite, WriteAnswer } from './claims/claims.ts';
import { writtenTarget } from '../sync/contract/requests.ts';
import type { JobPayload } from './job-payload.ts';
import { failedOutcome } from './job-status.ts';
import type { JobOutcome, JobStatus } from './job-status.ts';
import { cancelled } from './job-view.ts';
import { recoveriesMax } from './queue-settings.ts';
import type { QueueTiming } from './queue-settings.ts';

/** What a worker does with a job that the queue handed to it. */
export type TakeUp =
  /** It has begun in the queue, and its claim is this worker's. */
  | { readonly what: 'run'; readonly payload: JobPayload; readonly status: JobStatus; readonly claim: Claim }
  /** It ended before: only to be filed. */
  | { readonly what: 'file'; readonly outcome: JobOutcome }
  /** Others come first: the job goes back into the queue for this time. */
  | { readonly what: 'wait'; readonly forMs: number }
  /** A living worker runs it already: nothing of it is touched. */
  | { readonly what: 'elsewhere' }
  /** The queue does not know it any more, or says that it has ended. */
  | { readonly what: 'gone' };

export interface StoredParts {
  readonly payload: JobPayload;
  readonly status: JobStatus;
}

export interface TakeUpDeps {
  readonly now: () => number;
  readonly timing: Pick<QueueTiming, 'turnMs' | 'lockMs' | 'retryMs'>;
  /** This worker, in the queue. */
  readonly worker: string;
  /** Null when the queue does not know the job. */
  readonly read: (jobId: string) => Promise<StoredParts | null>;
  readonly ahead: (jobId: string, target: string) => Promise<number>;
  readonly hold: (claim: Claim, ms: number) => Promise<string | null>;
  readonly release: (claim: Claim) => Promise<void>;
  readonly write: (write: StatusWrite) => Promise<WriteAnswer>;
}

/** A job far back in the line looks again after so many turns at most. */
const turnsMax = 12;

/**
 * Decides about a job, and begins it if it is its turn: first comes the order, then the claim, then one step that
 * checks that there is no outcome and no wish to cancel, and writes that the run has begun. A worker that fails at
 * one of these has changed nothing. If its runs died as often as a job is taken up again, the job ends with
 * JOB_WORKER_LOST. Throws what the queue throws.
 */
export async function takeUp(deps: TakeUpDeps, jobId: string): Promise<TakeUp> {
  const { timing } = deps;
  const first = await deps.read(jobId);
  if (first === null) return { what: 'gone' };
  const ended = endOf(jobId, first.payload, first.status);
  if (ended !== null) return { what: 'file', outcome: ended };
  const target = writtenTarget(first.payload.request);
  const ahead = target === null ? 0 : await deps.ahead(jobId, target);
  if (ahead > 0) return { what: 'wait', forMs: timing.turnMs * Math.min(ahead, turnsMax) };

  const claim = claimOf(jobId, first.payload.request, deps.worker);
  const holder = await deps.hold(claim, timing.lockMs);
  if (holder !== null) {
    return isRunOf(jobId, holder) ? { what: 'elsewhere' } : { what: 'wait', forMs: timing.retryMs };
  }
  // What was read before the claim may be older than another run's end.
  const present = await deps.read(jobId);
  const next: TakeUp = present === null ? { what: 'gone' } : await begin(deps, jobId, present, claim);
  if (next.what !== 'run') await deps.release(claim);
  return next;
}

async function begin(
  { now, timing, write }: TakeUpDeps,
  jobId: string,
  { payload, status }: StoredParts,
  claim: Claim,
): Promise<TakeUp> {
  const ended = endOf(jobId, payload, status);
  if (ended !== null) return { what: 'file', outcome: ended };
  // The answer to this very write was lost with a connection, and it is done again.
  const begun = status.runBy === claim.holder;
  const next: JobStatus =
    !begun && status.attempts > recoveriesMax
      ? { ...status, outcome: workerLost(jobId, now()) }
      : {
          ...status,
          startedAt: status.startedAt ?? now(),
          attempts: status.attempts + (begun ? 0 : 1),
          runBy: claim.holder,
        };
  const answer = await write({ jobId, claim, status: next, begins: status.startedAt === null });
  switch (answer) {
    case 'written':
      return next.outcome === null
        ? { what: 'run', payload, status: next, claim }
        : { what: 'file', outcome: next.outcome };
    case 'gone':
      return { what: 'gone' };
    case 'ended':
    case 'taken':
    case 'cancelled':
      // It changed meanwhile; another look shows how.
      return { what: 'wait', forMs: timing.retryMs };
    default:
      return answer satisfies never;
  }
}

/** How the job has ended already: written down, or by a wish to cancel that came before its start. */
function endOf(jobId: string, { cancel }: JobPayload, status: JobStatus): JobOutcome | null {
  if (status.outcome !== null) return status.outcome;
  if (cancel === undefined || status.startedAt !== null) return null;
  return failedOutcome(cancelled(jobId, cancel.actor), cancel.at);
}

function workerLost(jobId: string, at: number): JobOutcome {
  const error = new SyncError(
    'JOB_WORKER_LOST',
    `The worker of job ${jobId} died too often; the job is not tried again.`,
  );
  return failedOutcome(error, at);
}
