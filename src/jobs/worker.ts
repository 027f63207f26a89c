import { DelayedError, WaitingError } from 'bullmq';
import type { Job } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { SyncError } from '../errors/sync-error.ts';
import { startActiveRun } from './active-run.ts';
import type { ActiveRun, RunQueuedJob, Sighting } from './active-run.ts';
import type { Claim, StatusWrite } from './claims/claims.ts';
import { inTime } from '../lib/in-time.ts';
import { unlessAborted } from '../lib/unless-aborted.ts';
import { parsePayload, writtenTarget } from './job-payload.ts';
import { failedOutcome, readStatus } from './job-status.ts';
import type { JobOutcome } from './job-status.ts';
import { freeLocksOfTheDead, keepHeldLocks } from './held-locks.ts';
import type { JobsLog } from './log.ts';
import { closeInTime } from './queue-backend.ts';
import type { QueueBackend } from './queue-backend.ts';
import { isQueueAnswer, isQueueAway, toBullError } from './queue-error.ts';
import { cancelMs, drainMs, history, queueTiming } from './queue-settings.ts';
import type { QueueTiming } from './queue-settings.ts';
import { takeUp } from './take-up.ts';
import type { TakeUp, TakeUpDeps } from './take-up.ts';
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
  /**
   * Where notes of held locks lie (`held-locks.ts`); without it a killed worker's jobs wait until its locks run out.
   */
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
type TakenUp = TakeUp & { readonly what: 'run' };

const stalledMax = 1_000_000;
const idlePollMs = 100;

/**
 * Runs the queue's jobs in this process, at most `maxConcurrent` side by side. `takeUp` decides what to do with a
 * job. If it already runs in this process (the queue's server was away longer than the lock lasts), or in another
 * living one, this worker waits for its end and files it. After a worker died its job runs again, at most
 * `recoveriesMax` times; `run` finds and finishes or removes what the dead one left.
 *
 * Throws QUEUE_UNAVAILABLE when the worker cannot connect. Afterwards an absent server only delays.
 */
export async function startWorker(deps: WorkerDeps): Promise<JobWorker> {
  const { backend, log, now, name } = deps;
  const { claims } = backend;
  const timing = deps.timing ?? queueTiming;
  const turns = createTurns(backend);
  const trouble = createTroubleLog(log, now);
  const runs = new Map<string, ActiveRun>();
  /**
   * A job may be handed to this process twice at once, and one holder is what its claim knows: one decision at a time.
   */
  const deciding = new Map<string, Promise<TakeUp | null>>();
  /** Jobs this process has in hand, running or on their way. */
  let inHand = 0;
  const stopping = new AbortController();
  const forced = new AbortController();

  /** Repeats a queue call until it succeeds; null when this worker leaves. BullMQ's verdicts on the job are thrown. */
  const persistently = async <T>(work: () => Promise<T>): Promise<T | null> => {
    while (!forced.signal.aborted) {
      try {
        return await unlessAborted(work(), forced.signal, () => null);
      } catch (error) {
        if (isQueueAnswer(error)) throw error;
        if (error instanceof SyncError && !isQueueAway(error)) throw error;
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
      trouble(
        'The jobs that run here cannot be noted on disk; after a kill they wait until their locks expire',
        error,
      );
    }
  };

  const read: TakeUpDeps['read'] = async (jobId) => {
    const job = await backend.call((queue) => queue.getJob(jobId));
    return job === undefined
      ? null
      : { payload: parsePayload(jobId, job.data), status: readStatus(job.progress) };
  };

  const taking: TakeUpDeps = {
    ...claims,
    now,
    timing,
    worker: name,
    read,
    ahead: (id, target) => turns.ahead(id, target),
  };

  const look = async (jobId: string, claim: Claim): Promise<Sighting | null> => {
    const holder = await claims.hold(claim, timing.lockMs);
    const stored = await read(jobId);
    if (holder !== null) return { cancel: stored?.payload.cancel, taken: true };
    return stored === null ? null : { cancel: stored.payload.cancel, taken: false };
  };

  /** False where the run is not the job's any more. A claim that ran out while the queue was away is taken again. */
  const writeStatus = async (write: StatusWrite): Promise<boolean> => {
    let answer = await claims.write(write);
    if (answer === 'taken' && (await claims.hold(write.claim, timing.lockMs)) === null)
      answer = await claims.write(write);
    return answer === 'written';
  };

  const runHere = async (job: BullJob, jobId: string, taken: TakenUp): Promise<JobOutcome | null> => {
    const { payload, status, claim } = taken;
    const run = startActiveRun(
      {
        now,
        timing,
        run: deps.run,
        timeoutMinutes: deps.jobs.timeoutMinutes,
        retryMs: timing.retryMs,
        look: () => look(jobId, claim),
        writeStatus: (next) => writeStatus({ jobId, claim, status: next, begins: false }),
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
    log.info({ job: jobId, kind: payload.request.kind, attempt: status.attempts }, 'Job started');
    const outcome = await run.ended;
    runs.delete(jobId);
    // A worker that leaves by force keeps the claim and the lock, because its run may not have ended yet.
    if (!forced.signal.aborted) {
      await claims.release(claim).catch((error: unknown) => {
        trouble('A claim could not be given back; it expires by itself', error);
      });
    }
    log.info({ job: jobId, outcome: outcome?.state ?? 'given up' }, 'Job ended');
    return outcome;
  };

  /** How the job ended; null when this process does not have it any more. Throws DelayedError when it must wait. */
  const outcomeOf = async (job: BullJob, jobId: string, token: string): Promise<JobOutcome | null> => {
    for (;;) {
      const running = runs.get(jobId);
      if (running !== undefined) return running.ended;
      const other = deciding.get(jobId);
      if (other !== undefined) {
        await other.catch(() => {});
        continue;
      }
      const decision = persistently(() => takeUp(taking, jobId));
      deciding.set(jobId, decision);
      // Nothing is awaited from here until a run stands in `runs`: whoever waited for the decision finds it there.
      let taken: TakeUp | null;
      try {
        taken = await decision;
      } finally {
        deciding.delete(jobId);
      }
      if (taken === null) return null;
      switch (taken.what) {
        case 'run':
          return runHere(job, jobId, taken);
        case 'file':
          return taken.outcome;
        case 'gone':
          return null;
        case 'wait':
          await persistently(() => job.moveToDelayed(now() + taken.forMs, token));
          throw new DelayedError();
        case 'elsewhere':
          log.info({ job: jobId }, 'Another process already runs this job; waiting for its end');
          await delay(timing.cancelPollMs, undefined, { signal: stopping.signal }).catch(() => {});
          if (stopping.signal.aborted) return null;
          break;
        default:
          return taken satisfies never;
      }
    }
  };

  const handle = async (job: BullJob, token = ''): Promise<null> => {
    const jobId = job.id ?? '';
    let outcome: JobOutcome | null;
    inHand += 1;
    try {
      await noteLock(() => held?.hold(jobId, token));
      outcome = await unlessAborted(outcomeOf(job, jobId, token), forced.signal, () => null);
    } catch (error) {
      // The job is not ours any more (its lock ran out meanwhile): whoever has it goes on.
      if (error instanceof DelayedError || isQueueAnswer(error)) throw new DelayedError();
      outcome = failedOutcome(error, now());
    } finally {
      inHand -= 1;
      // A worker that leaves keeps the lock, so that the next process on this machine finds it.
      if (!forced.signal.aborted) await noteLock(() => held?.letGo(jobId));
    }
    // BullMQ leaves a job alone whose processor throws this: it keeps its state and its lock.
    if (outcome === null) throw new WaitingError();
    // The outcome stands in the job's status; BullMQ need not have it once more, nor its event.
    if (outcome.state === 'done') return null;
    throw toBullError(outcome.error);
  };

  const directory = deps.heldLocksDirectory;
  const held = directory === undefined ? null : await keepHeldLocks(directory, name);
  for (const job of directory === undefined ? [] : await freeLocksOfTheDead(backend, directory)) {
    log.warn({ job }, 'The process that ran a job has died; another one takes the job soon');
  }

  const worker = backend.newWorker(
    handle,
    {
      name,
      concurrency: deps.jobs.maxConcurrent,
      lockDuration: timing.lockMs,
      stalledInterval: timing.stalledCheckMs,
      // Runs are counted and given up by `takeUp`: BullMQ would fail a job without a look whether it runs.
      maxStalledCount: stalledMax,
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

  /** Resolves when nothing is in hand, and some time has passed for BullMQ to close politely. */
  const idle = async (over: AbortSignal): Promise<void> => {
    let since = now();
    while (!over.aborted && now() - since < timing.idleCloseMs) {
      await delay(idlePollMs, undefined, { signal: over }).catch(() => {});
      if (inHand > 0) since = now();
    }
  };

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
      stopping.abort();
      closing ??= worker.close();
      if (options.force === true) {
        await leave();
        return;
      }
      if (await settles(closing, options.drainMs ?? drainMs, forced.signal, idle)) return;
      for (const [jobId, run] of runs) {
        run.cancel(new SyncError('CANCELLED', `The service was stopped while job ${jobId} ran.`));
      }
      // With nothing in hand it waits for its server, which does not come.
      if (inHand > 0 && (await settles(closing, cancelMs, forced.signal, idle))) return;
      await leave();
    },
  };
}

/**
 * True when `work` ends in time; false at the time limit, when `signal` aborts, or when nothing is left to wait for
 * (`idle`): without its server BullMQ never closes.
 */
async function settles(
  work: Promise<void>,
  timeoutMs: number,
  signal: AbortSignal,
  idle: (over: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const over = new AbortController();
  try {
    const ended = Promise.race([work.then(() => true), idle(over.signal).then(() => false)]);
    return await inTime(
      unlessAborted(ended, signal, () => false),
      timeoutMs,
      () => false,
    );
  } finally {
    over.abort();
  }
}
