import { DelayedError, WaitingError } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import { unlessAborted } from '../lib/unless-aborted.ts';
import type { RunQueuedJob } from './active-run.ts';
import { freeLocksOfTheDead, keepHeldLocks } from './held-locks.ts';
import type { HeldLocks } from './held-locks.ts';
import { parsePayload } from './job-payload.ts';
import { writtenTarget } from '../sync/contract/requests.ts';
import { failedOutcome } from './job-status.ts';
import type { JobOutcome } from './job-status.ts';
import { LocalRuns } from './local-runs.ts';
import type { BullJob } from './local-runs.ts';
import type { JobsLog } from './log.ts';
import { closeInTime } from './queue-backend.ts';
import type { QueueBackend } from './queue-backend.ts';
import { isQueueAnswer, toBullError } from './queue-error.ts';
import { cancelMs, drainMs, history, queueTiming } from './queue-settings.ts';
import type { QueueTiming } from './queue-settings.ts';
import { createTroubleLog } from './trouble-log.ts';
import type { TroubleLog } from './trouble-log.ts';
import { createTurns } from './turn.ts';
import type { Turns } from './turn.ts';

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
  const { backend, log, name, heldLocksDirectory: directory } = deps;
  const held = directory === undefined ? null : await keepHeldLocks(directory, name);
  for (const job of directory === undefined ? [] : await freeLocksOfTheDead(backend, directory)) {
    log.warn({ job }, 'The process that ran a job has died; another one takes the job soon');
  }
  const worker = new QueueWorker(deps, held);
  await worker.connect();
  return worker;
}

/**
 * One worker. It goes through these states in this order, and enters none of them twice:
 *
 * - *connecting*: BullMQ's worker connects. → taking, once the queue answers; → gone, if it does not (`connect`
 *   throws).
 * - *taking*: it takes jobs and runs them. → draining, on `stop()`.
 * - *draining* (`#stopping` is aborted, `#closing` is set): it takes no more jobs; those in hand go on. → gone, once
 *   all of them have ended and are filed; → cancelling, after `drainMs`; → leaving, on `stop({force: true})`, or if
 *   all of them have ended (their records say how) and the queue's server does not take it.
 * - *cancelling*: every run has been told to cancel, and cleans up. → gone, once all have ended and are filed; →
 *   leaving, after `cancelMs`, by force, or as above.
 * - *leaving* (`#leaving` is aborted): runs are abandoned. Their jobs stay in the queue with their locks and claims,
 *   for the next worker; no call of the queue is awaited any more. → gone, within two seconds.
 * - *gone*: nothing is open.
 */
class QueueWorker implements JobWorker {
  readonly #deps: WorkerDeps;
  readonly #timing: QueueTiming;
  readonly #trouble: TroubleLog;
  readonly #turns: Turns;
  readonly #held: HeldLocks | null;
  readonly #runs: LocalRuns;
  readonly #bull: ReturnType<QueueBackend['newWorker']>;
  readonly #stopping = new AbortController();
  readonly #leaving = new AbortController();
  /** BullMQ's way of closing: ends when all jobs in hand are filed, and without its server never. */
  #closing: Promise<void> | null = null;

  constructor(deps: WorkerDeps, held: HeldLocks | null) {
    const { backend, log, now, run, name } = deps;
    this.#deps = deps;
    this.#timing = deps.timing ?? queueTiming;
    this.#trouble = createTroubleLog(log, now);
    this.#turns = createTurns(backend);
    this.#held = held;
    this.#runs = new LocalRuns({
      backend,
      run,
      log,
      now,
      trouble: this.#trouble,
      timing: this.#timing,
      timeoutMinutes: deps.jobs.timeoutMinutes,
      worker: name,
      ahead: (id, target) => this.#turns.ahead(id, target),
      life: { stopping: this.#stopping.signal, leaving: this.#leaving.signal },
    });
    this.#bull = this.#newBullWorker();
  }

  get running(): number {
    return this.#runs.size;
  }

  /** Resolves when the queue answers; else leaves, and throws QUEUE_UNAVAILABLE. */
  async connect(): Promise<void> {
    const { backend, log, name, jobs } = this.#deps;
    try {
      await backend.call(() => this.#bull.waitUntilReady());
    } catch (error) {
      await this.#leave();
      throw error;
    }
    log.info({ worker: name, queue: backend.where, maxConcurrent: jobs.maxConcurrent }, 'Worker started');
  }

  async stop(options: { readonly force?: boolean; readonly drainMs?: number } = {}): Promise<void> {
    this.#stopping.abort();
    this.#closing ??= this.#bull.close();
    if (options.force === true) {
      await this.#leave();
      return;
    }
    if (await this.#closes(this.#closing, options.drainMs ?? drainMs)) return;
    // With nothing to wait for but its server, which does not come, BullMQ never closes.
    if (this.#runs.working === 0) {
      await this.#leave();
      return;
    }
    this.#runs.cancel(
      (jobId) => new SyncError('CANCELLED', `The service was stopped while job ${jobId} ran.`),
    );
    if (await this.#closes(this.#closing, cancelMs)) return;
    await this.#leave();
  }

  #newBullWorker(): ReturnType<QueueBackend['newWorker']> {
    const { backend, log, jobs, name } = this.#deps;
    const worker = backend.newWorker(
      (job, token) => this.#handle(job, token),
      {
        name,
        concurrency: jobs.maxConcurrent,
        lockDuration: this.#timing.lockMs,
        stalledInterval: this.#timing.stalledCheckMs,
        // Runs are counted and given up by `takeUp`: BullMQ would fail a job without a look whether it runs.
        maxStalledCount: stalledMax,
        runRetryDelay: this.#timing.retryMs,
        removeOnComplete: history,
        removeOnFail: history,
      },
      { retryMs: this.#timing.retryMs, signal: this.#leaving.signal },
    );
    worker.on('error', (error) => {
      this.#trouble('The worker has trouble with the queue', error);
    });
    worker.on('stalled', (jobId) => {
      log.warn({ job: jobId }, 'A worker died; its job goes back into the queue');
    });
    const filed = (job: BullJob | undefined): void => {
      if (job === undefined) return;
      this.#wakeNext(job).catch((error: unknown) => {
        this.#trouble('The next job of a target was not woken; it wakes by itself', error);
      });
    };
    worker.on('completed', filed);
    worker.on('failed', filed);
    return worker;
  }

  /** BullMQ's processor: what it returns or throws says how the job is filed. */
  async #handle(job: BullJob, token = ''): Promise<null> {
    const jobId = job.id ?? '';
    let outcome: JobOutcome | null;
    try {
      await this.#noteLock((held) => held.hold(jobId, token));
      outcome = await unlessAborted(this.#runs.outcomeOf(job, token), this.#leaving.signal, () => null);
    } catch (error) {
      // The job is not ours any more (its lock ran out meanwhile): whoever has it goes on.
      if (error instanceof DelayedError || isQueueAnswer(error)) throw new DelayedError();
      outcome = failedOutcome(error, this.#deps.now());
    } finally {
      // A worker that leaves keeps the lock, so that the next process on this machine finds it.
      if (!this.#leaving.signal.aborted) await this.#noteLock((held) => held.letGo(jobId));
    }
    // BullMQ leaves a job alone whose processor throws this: it keeps its state and its lock.
    if (outcome === null) throw new WaitingError();
    // The outcome stands in the job's status; BullMQ need not have it once more, nor its event.
    if (outcome.state === 'done') return null;
    throw toBullError(outcome.error);
  }

  async #noteLock(note: (held: HeldLocks) => Promise<void>): Promise<void> {
    if (this.#held === null) return;
    try {
      await note(this.#held);
    } catch (error) {
      this.#trouble(
        'The jobs that run here cannot be noted on disk; after a kill they wait until their locks expire',
        error,
      );
    }
  }

  async #wakeNext(job: BullJob): Promise<void> {
    const target = writtenTarget(parsePayload(job.id ?? '', job.data).request);
    if (target !== null) await this.#turns.wakeNext(target);
  }

  /**
   * True when BullMQ closes in time; false at the time limit, when we leave, or when nothing is left to wait for:
   * without its server BullMQ never closes.
   */
  async #closes(closing: Promise<void>, timeoutMs: number): Promise<boolean> {
    const over = new AbortController();
    const not = (): false => false;
    try {
      const ended = Promise.race([closing.then(() => true), this.#idle(over.signal).then(not)]);
      return await inTime(unlessAborted(ended, this.#leaving.signal, not), timeoutMs, not);
    } finally {
      over.abort();
    }
  }

  /**
   * Resolves when nothing is worked on, and some time has passed for the queue to take what has ended, and for BullMQ
   * to close politely.
   */
  async #idle(over: AbortSignal): Promise<void> {
    const { now } = this.#deps;
    let since = now();
    while (!over.aborted && now() - since < this.#timing.idleCloseMs) {
      await delay(idlePollMs, undefined, { signal: over }).catch(() => {});
      if (this.#runs.working > 0) since = now();
    }
  }

  async #leave(): Promise<void> {
    this.#leaving.abort();
    this.#runs.abandon();
    await closeInTime({
      close: () => this.#closing ?? this.#bull.close(),
      disconnect: () => this.#bull.disconnect(),
    });
  }
}
