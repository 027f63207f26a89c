import { DelayedError, WaitingError } from 'bullmq';
import type { Job } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { SyncError } from '../errors/sync-error.ts';
import { startActiveRun } from './active-run.ts';
import type { ActiveRun, RunQueuedJob, Sighting } from './active-run.ts';
import { parsePayload, writtenTarget } from './job-payload.ts';
import type { JobPayload } from './job-payload.ts';
import { failedOutcome, readStatus } from './job-status.ts';
import type { JobOutcome, JobReceipt, JobStatus } from './job-status.ts';
import { cancelled } from './job-view.ts';
import { freeLocksOfTheDead, keepHeldLocks } from './held-locks.ts';
import type { JobsLog } from './log.ts';
import { closeInTime } from './queue-backend.ts';
import type { QueueBackend } from './queue-backend.ts';
import { isQueueAnswer, toBullError } from './queue-error.ts';
import { cancelMs, drainMs, history, queueTiming, recoveriesMax } from './queue-settings.ts';
import type { QueueTiming } from './queue-settings.ts';
import { createTroubleLog } from './trouble-log.ts';
import { createTurns } from './turn.ts';

export interface WorkerDeps {
  readonly backend: QueueBackend;
  readonly run: RunQueuedJob;
  readonly jobs: Pick<Config['jobs'], 'maxConcurrent' | 'timeoutMinutes'>;
  readonly log: JobsLog;
  readonly now: () => number;
  /** Names this worker in the queue: unique among all that ever run (host, process, random). */
  readonly name: string;
  readonly timing?: QueueTiming | undefined;
  /** Where notes of held locks lie (`held-locks.ts`); without it a killed worker's jobs wait until its locks run out. */
  readonly heldLocksDirectory?: string | undefined;
}

export interface JobWorker {
  /** Jobs running in this process now. */
  readonly running: number;
  /**
   * Takes no more jobs and waits for the running ones; after `drainMs` they are cancelled cleanly. With `force` (also
   * while an ordinary stop waits) it leaves at once: the jobs stay in the queue as they are, and the next worker takes
   * them up when their lock has run out.
   */
  stop(options?: { readonly force?: boolean; readonly drainMs?: number }): Promise<void>;
}

type BullJob = Job<unknown, unknown>;

/**
 * Runs the queue's jobs in this process, at most `maxConcurrent` side by side.
 *
 * A job that is taken up goes one of these ways:
 * - it has an outcome already (its worker could not file it): it is filed;
 * - it runs in this process already (the queue's server was away longer than the lock): its end is awaited and filed;
 * - it was cancelled before it began: it ends as cancelled;
 * - its target is being written, or an earlier job wants it: it goes back as delayed (`turn.ts`);
 * - else it runs. After a worker died it runs again, at most `recoveriesMax` times; `run` finds and finishes or removes
 *   what the dead one left.
 *
 * Throws QUEUE_UNAVAILABLE when the worker cannot connect. Afterwards an absent server only delays.
 */
export async function startWorker(deps: WorkerDeps): Promise<JobWorker> {
  const { backend, log, now, name } = deps;
  const timing = deps.timing ?? queueTiming;
  const turns = createTurns(backend);
  const trouble = createTroubleLog(log, now);
  const runs = new Map<string, ActiveRun>();
  const forced = new AbortController();
  const left = new Promise<null>((resolve) => {
    forced.signal.addEventListener('abort', () => {
      resolve(null);
    });
  });

  /** Repeats a queue call until it succeeds; null when this worker leaves. BullMQ's verdicts on the job are thrown. */
  const persistently = async <T>(work: () => Promise<T>): Promise<T | null> => {
    while (!forced.signal.aborted) {
      try {
        return await Promise.race([work(), left]);
      } catch (error) {
        if (isQueueAnswer(error)) throw error;
        if (error instanceof SyncError && error.code !== 'QUEUE_UNAVAILABLE') throw error;
        trouble('A step of a job waits for the queue', error);
      }
      await delay(timing.retryMs, undefined, { signal: forced.signal }).catch(() => {});
    }
    return null;
  };

  const noteLock = async (work: () => Promise<void> | undefined): Promise<void> => {
    try {
      await work();
    } catch (error) {
      trouble('Which jobs run here cannot be noted; after a kill they wait until their locks run out', error);
    }
  };

  const look = async (jobId: string): Promise<Sighting | null> =>
    backend.call(async (queue) => {
      const job = await queue.getJob(jobId);
      if (job === undefined) return null;
      return {
        cancel: parsePayload(jobId, job.data).cancel,
        taken: job.processedBy !== undefined && job.processedBy !== name,
      };
    });

  const readAgain = async (jobId: string): Promise<JobStatus> =>
    backend.call(async (queue) => readStatus((await queue.getJob(jobId))?.progress));

  const start = (job: BullJob, jobId: string, payload: JobPayload, status: JobStatus): ActiveRun => {
    const run = startActiveRun(
      {
        now,
        timing,
        run: deps.run,
        timeoutMinutes: deps.jobs.timeoutMinutes,
        retryMs: timing.retryMs,
        look: () => look(jobId),
        writeStatus: (status) => job.updateProgress(status),
        writeLine: async (row) => {
          await job.log(row);
        },
        onTrouble: (error) => {
          trouble('Progress of a job waits for the queue', error);
        },
      },
      { jobId, payload, status },
    );
    runs.set(jobId, run);
    log.info({ job: jobId, kind: payload.request.kind, attempt: job.stalledCounter + 1 }, 'Job started');
    return run;
  };

  /** How the job ended; null when this process does not have it any more. Throws DelayedError when it must wait. */
  const outcomeOf = async (job: BullJob, jobId: string, token: string): Promise<JobOutcome | null> => {
    const running = runs.get(jobId);
    if (running !== undefined) return running.ended;
    const status = readStatus(job.progress);
    // A run leaves `runs` after its outcome was written, which can be later than this job was read.
    const stored = status.startedAt === null ? status : await persistently(() => readAgain(jobId));
    if (stored === null) return null;
    if (stored.outcome !== null) return stored.outcome;
    const payload = parsePayload(jobId, job.data);
    if (payload.cancel !== undefined && status.startedAt === null) {
      return failedOutcome(cancelled(jobId, payload.cancel.actor), payload.cancel.at);
    }
    const target = writtenTarget(payload.request);
    if (target !== null) {
      const free = await persistently(() => turns.mayStart(jobId, target));
      if (free === null) return null;
      if (!free) {
        await persistently(() => job.moveToDelayed(now() + timing.turnMs, token));
        throw new DelayedError();
      }
    }
    const run = start(job, jobId, payload, stored);
    const outcome = await run.ended;
    runs.delete(jobId);
    log.info({ job: jobId, outcome: outcome?.state ?? 'given up' }, 'Job ended');
    return outcome;
  };

  const process = async (job: BullJob, token = ''): Promise<JobReceipt> => {
    const jobId = job.id ?? '';
    let outcome: JobOutcome | null;
    try {
      await noteLock(() => held?.hold(jobId, token));
      outcome = await Promise.race([outcomeOf(job, jobId, token), left]);
    } catch (error) {
      // The job is not ours any more (its lock ran out meanwhile): whoever has it goes on.
      if (error instanceof DelayedError || isQueueAnswer(error)) throw new DelayedError();
      outcome = failedOutcome(error, now());
    } finally {
      // Who leaves keeps the lock, for the next process here to find.
      if (!forced.signal.aborted) await noteLock(() => held?.letGo(jobId));
    }
    // BullMQ leaves a job alone whose processor throws this: it keeps its state and its lock.
    if (outcome === null) throw new WaitingError();
    if (outcome.state === 'done') return outcome.receipt;
    throw toBullError(outcome.error);
  };

  const directory = deps.heldLocksDirectory;
  const held = directory === undefined ? null : await keepHeldLocks(directory, name);
  for (const job of directory === undefined ? [] : await freeLocksOfTheDead(backend, directory)) {
    log.warn({ job }, 'The process that ran a job has died; the job is taken up soon');
  }

  const worker = backend.newWorker(
    process,
    {
      name,
      concurrency: deps.jobs.maxConcurrent,
      lockDuration: timing.lockMs,
      stalledInterval: timing.stalledCheckMs,
      maxStalledCount: recoveriesMax,
      runRetryDelay: timing.retryMs,
      removeOnComplete: history,
      removeOnFail: history,
    },
    { retryMs: timing.retryMs, signal: forced.signal },
  );
  worker.on('error', (error) => {
    trouble('The worker has trouble with the queue', error);
  });
  worker.on('stalled', (jobId) => {
    log.warn({ job: jobId }, 'A worker died; its job goes back into the queue');
  });
  const filed = (job: BullJob | undefined): void => {
    if (job === undefined) return;
    wake(job).catch((error: unknown) => {
      trouble('The next job of a target was not woken; it wakes by itself', error);
    });
  };
  const wake = async (job: BullJob): Promise<void> => {
    const target = writtenTarget(parsePayload(job.id ?? '', job.data).request);
    if (target !== null) await turns.wakeNext(target);
  };
  worker.on('completed', filed);
  worker.on('failed', filed);

  let closing: Promise<void> | null = null;
  const leave = async (): Promise<void> => {
    forced.abort();
    for (const run of runs.values()) run.abandon();
    await closeInTime({ close: () => closing ?? worker.close(), disconnect: () => worker.disconnect() });
  };

  try {
    await backend.call(() => worker.waitUntilReady());
  } catch (error) {
    await leave();
    throw error;
  }
  log.info({ worker: name, queue: backend.where, maxConcurrent: deps.jobs.maxConcurrent }, 'Worker started');

  return {
    get running() {
      return runs.size;
    },
    async stop(options = {}) {
      closing ??= worker.close();
      if (options.force === true) {
        await leave();
        return;
      }
      if (await settles(closing, options.drainMs ?? drainMs, forced.signal)) return;
      for (const [jobId, run] of runs) {
        run.cancel(new SyncError('CANCELLED', `The service was stopped while job ${jobId} ran.`));
      }
      if (await settles(closing, cancelMs, forced.signal)) return;
      await leave();
    },
  };
}

/** True when `work` ends in time; false at the time limit or when `signal` aborts. */
async function settles(work: Promise<void>, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([
      work.then(() => true),
      delay(timeoutMs, false, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => false),
    ]);
  } finally {
    over.abort();
  }
}
