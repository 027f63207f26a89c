import { setTimeout as delay } from 'node:timers/promises';
import { SyncError, asSyncError } from '../errors/sync-error.ts';
import { givenUp } from '../sync/contract/given-up.ts';
import type { JobRequest } from '../sync/contract/requests.ts';
import type { RunJobOptions } from '../sync/verbs/run-job.ts';
import { failedOutcome } from './job-status.ts';
import type { JobOutcome, JobReceipt, JobStatus } from './job-status.ts';
import { cancelled } from './job-view.ts';
import type { JobPayload } from './job-payload.ts';
import type { QueueTiming } from './queue-settings.ts';
import { StatusWriter } from './status-writer.ts';
import type { StatusWriterDeps } from './status-writer.ts';

/** Runs one job in this process; `runJob` of src/sync with its own dependencies already given. */
export type RunQueuedJob = (request: JobRequest, options: RunJobOptions) => Promise<JobReceipt>;

/** What the queue says of a running job while it runs. */
export interface Sighting {
  readonly cancel: JobPayload['cancel'];
  /** Another run has the claim now. */
  readonly taken: boolean;
}

export interface ActiveRunDeps extends Omit<StatusWriterDeps, 'onLost'> {
  readonly run: RunQueuedJob;
  readonly timeoutMinutes: number;
  readonly timing: QueueTiming;
  /** Renews the run's claim and reads the job again; null when it is gone. Throws when the queue does not answer. */
  readonly look: () => Promise<Sighting | null>;
}

export interface ActiveRunInput {
  readonly jobId: string;
  readonly payload: JobPayload;
  /** As it stands in the queue: this run has begun. */
  readonly status: JobStatus;
}

export interface ActiveRun {
  /**
   * The outcome once the queue has it; null when this process gave the job up (another has it, or we leave), or the
   * queue does not know the job any more: then its record has the outcome alone.
   */
  readonly ended: Promise<JobOutcome | null>;
  /** Whether there is work to wait for: false once only the queue has yet to take the outcome. */
  readonly isWorking: boolean;
  /** Cancels the job cleanly; its outcome will say so. */
  cancel(reason: SyncError): void;
  /** Stops the work and writes nothing more: the job stays as it is in the queue, for another worker. */
  abandon(): void;
}

/** The longest time a Node timer can hold, about 24 days (docs/facts/node.md#timers). */
const timerMaxMs = 2 ** 31 - 1;
/** Between two tries while the sessions of a dead worker still hold the target. */
const busyRetryMs = 1_000;

/**
 * Runs a job and sees to its end: time limit, the wish to cancel (looked for every `cancelPollMs`, so that a lost
 * notification delays it and never loses it), takeover, and the outcome in the queue. The job has begun there, and its
 * claim is held; the run renews it, and gives the job up when another has it.
 */
export function startActiveRun(deps: ActiveRunDeps, input: ActiveRunInput): ActiveRun {
  const { timing, now } = deps;
  const { jobId, payload, status } = input;
  const controller = new AbortController();
  const leaving = new AbortController();
  const writer = new StatusWriter({ ...deps, onLost: () => abandon() }, status);

  const abandon = (): void => {
    leaving.abort();
    writer.stop();
    controller.abort(givenUp(jobId));
  };

  const watch = async (over: AbortSignal): Promise<void> => {
    while (!over.aborted && !leaving.signal.aborted) {
      await delay(timing.cancelPollMs, undefined, { signal: over }).catch(() => {});
      if (over.aborted) return;
      // The queue's server may be away; the job goes on, and the next look tells.
      const seen = await deps.look().catch(() => null);
      if (seen === null) continue;
      if (seen.taken) abandon();
      else if (seen.cancel !== undefined) controller.abort(cancelled(jobId, seen.cancel.actor));
    }
  };

  /** Run again after a dead worker, the target may still be held by that worker's sessions for a moment. */
  const run = async (): Promise<JobReceipt> => {
    const givenUpAt = now() + (status.attempts <= 1 ? 0 : timing.takeoverMs);
    for (;;) {
      writer.begin();
      try {
        return await deps.run(payload.request, { jobId, signal: controller.signal, emit: writer.emit });
      } catch (error) {
        const busy = asSyncError(error).code === 'CONFLICT_TARGET_BUSY';
        if (!busy || controller.signal.aborted || now() + busyRetryMs > givenUpAt) throw error;
      }
      await delay(busyRetryMs, undefined, { signal: controller.signal }).catch(() => {});
    }
  };

  let working = true;
  const whole = async (): Promise<JobOutcome | null> => {
    // A job that was being cancelled when its worker died is not begun again; the verb only records its end.
    if (payload.cancel !== undefined) controller.abort(cancelled(jobId, payload.cancel.actor));
    const timeout = endInTime(controller, jobId, deps.timeoutMinutes);
    const over = new AbortController();
    const watching = watch(over.signal);
    let outcome: JobOutcome;
    try {
      const receipt = await run();
      outcome = { state: 'done', receipt, at: now() };
    } catch (error) {
      outcome = failedOutcome(error, now());
    } finally {
      clearTimeout(timeout);
      over.abort();
    }
    await watching;
    working = false;
    if (leaving.signal.aborted) return null;
    return (await writer.finish(outcome)) ? outcome : null;
  };

  return {
    ended: whole(),
    get isWorking() {
      return working;
    },
    cancel: (reason) => {
      controller.abort(reason);
    },
    abandon,
  };
}

function endInTime(controller: AbortController, jobId: string, minutes: number): NodeJS.Timeout {
  const timedOut = (): void => {
    controller.abort(
      new SyncError('TIMED_OUT', `Job ${jobId} ran longer than ${minutes} minutes and was stopped.`),
    );
  };
  return setTimeout(timedOut, Math.min(minutes * 60_000, timerMaxMs));
}
