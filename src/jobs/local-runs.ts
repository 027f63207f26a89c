import { DelayedError } from 'bullmq';
import type { Job } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../errors/sync-error.ts';
import { unlessAborted } from '../lib/unless-aborted.ts';
import { startActiveRun } from './active-run.ts';
import type { ActiveRun, RunQueuedJob, Sighting } from './active-run.ts';
import type { Claim, StatusWrite } from './claims/claims.ts';
import { parsePayload } from './job-payload.ts';
import { readStatus } from './job-status.ts';
import type { JobOutcome } from './job-status.ts';
import type { JobsLog } from './log.ts';
import type { QueueBackend } from './queue-backend.ts';
import { isQueueAnswer, isQueueAway } from './queue-error.ts';
import type { QueueTiming } from './queue-settings.ts';
import type { StatusWritten } from './status-writer.ts';
import { takeUp } from './take-up.ts';
import type { StoredParts, TakeUp, TakeUpDeps } from './take-up.ts';
import type { TroubleLog } from './trouble-log.ts';

/** A job as BullMQ hands it out. */
export type BullJob = Job<unknown, unknown>;

export interface LocalRunsDeps {
  readonly backend: QueueBackend;
  readonly run: RunQueuedJob;
  readonly timeoutMinutes: number;
  readonly log: JobsLog;
  readonly trouble: TroubleLog;
  readonly now: () => number;
  readonly timing: QueueTiming;
  /** This worker, in the queue. */
  readonly worker: string;
  readonly ahead: TakeUpDeps['ahead'];
  readonly life: {
    /** Aborted when this process takes no more jobs: the end of another process's run is not awaited any more. */
    readonly stopping: AbortSignal;
    /** Aborted when this process leaves at once, with all it has in hand. */
    readonly leaving: AbortSignal;
  };
}

type TakenUp = TakeUp & { readonly what: 'run' };

/**
 * The jobs that run in this process. BullMQ may hand out a job twice, to two processes or to one (if the queue's server
 * was away longer than the lock), and a claim names only the process. So each job has a state here:
 *
 * - *unknown*: nothing is held of it. → deciding, when BullMQ hands it out.
 * - *deciding* (in `#deciding`): `takeUp` is asked, once; a second hand-out waits for the decision. → running, if it is
 *   the job's turn and we have the claim; → elsewhere, if a living worker runs it; → unknown, if it has ended (then it
 *   is only filed), must wait (DelayedError) or is gone.
 * - *elsewhere*: → deciding again, after `cancelPollMs`; → unknown, when we stop.
 * - *running* (in `#running`): a second hand-out waits for the end of the run. → unknown, with an outcome once the
 *   queue has it, or with null if the run was given up because another worker has the claim or we leave, or if it has
 *   ended and the queue does not know the job any more.
 */
export class LocalRuns {
  readonly #deps: LocalRunsDeps;
  readonly #taking: TakeUpDeps;
  readonly #deciding = new Map<string, Promise<TakeUp | null>>();
  readonly #running = new Map<string, ActiveRun>();

  constructor(deps: LocalRunsDeps) {
    const { backend, now, timing, worker, ahead } = deps;
    this.#deps = deps;
    this.#taking = {
      ...backend.claims,
      now,
      timing,
      worker,
      ahead,
      read: (jobId) => this.#read(jobId),
    };
  }

  get size(): number {
    return this.#running.size;
  }

  /** Runs whose work has not ended yet; others only wait for the queue to take their outcome. */
  get working(): number {
    return [...this.#running.values()].filter(({ isWorking }) => isWorking).length;
  }

  /** How the job ended; null when this process does not have it any more. Throws DelayedError when it must wait. */
  async outcomeOf(job: BullJob, token: string): Promise<JobOutcome | null> {
    const jobId = job.id ?? '';
    for (;;) {
      const running = this.#running.get(jobId);
      if (running !== undefined) return running.ended;
      const other = this.#deciding.get(jobId);
      if (other !== undefined) {
        await other.catch(() => {});
        continue;
      }
      const decision = this.#persistently(() => takeUp(this.#taking, jobId));
      this.#deciding.set(jobId, decision);
      // Nothing is awaited from here until a run stands in `#running`: who waited for the decision finds it there.
      let taken: TakeUp | null;
      try {
        taken = await decision;
      } finally {
        this.#deciding.delete(jobId);
      }
      if (taken === null) return null;
      switch (taken.what) {
        case 'run':
          return this.#run(job, jobId, taken);
        case 'file':
          return taken.outcome;
        case 'gone':
          return null;
        case 'wait':
          await this.#sendBack(job, token, taken.forMs);
          throw new DelayedError();
        case 'elsewhere':
          if (!(await this.#waitElsewhere(jobId))) return null;
          break;
        default:
          return taken satisfies never;
      }
    }
  }

  /** Cancels each run cleanly; its outcome will say so. */
  cancel(reason: (jobId: string) => SyncError): void {
    for (const [jobId, run] of this.#running) run.cancel(reason(jobId));
  }

  /** Stops all work and writes nothing more: the jobs stay in the queue as they are, for another worker. */
  abandon(): void {
    for (const run of this.#running.values()) run.abandon();
  }

  async #run(job: BullJob, jobId: string, taken: TakenUp): Promise<JobOutcome | null> {
    const { log, trouble, backend, life } = this.#deps;
    const { payload, status, claim } = taken;
    const run = this.#start(job, jobId, taken);
    this.#running.set(jobId, run);
    log.info({ job: jobId, kind: payload.request.kind, attempt: status.attempts }, 'Job started');
    const outcome = await run.ended;
    this.#running.delete(jobId);
    // A worker that leaves by force keeps the claim and the lock, because its run may not have ended yet.
    if (!life.leaving.aborted) {
      await backend.claims.release(claim).catch((error: unknown) => {
        trouble('A claim could not be given back; it expires by itself', error);
      });
    }
    log.info({ job: jobId, outcome: outcome?.state ?? 'not filed here' }, 'Job ended');
    return outcome;
  }

  #start(job: BullJob, jobId: string, { payload, status, claim }: TakenUp): ActiveRun {
    const { run, now, timing, timeoutMinutes, trouble, log } = this.#deps;
    return startActiveRun(
      {
        now,
        timing,
        run,
        timeoutMinutes,
        retryMs: timing.retryMs,
        look: () => this.#look(jobId, claim),
        writeStatus: (next) => this.#writeStatus({ jobId, claim, status: next, begins: false }),
        writeLine: async (row) => {
          await job.log(row);
        },
        onTrouble: (error) => {
          trouble('Progress of a job waits for the queue', error);
        },
        onGone: () => {
          log.warn(
            { job: jobId },
            'The queue does not know a job any more that runs here (was it emptied?); it goes on, and its record ' +
              'will say how it ended',
          );
        },
      },
      { jobId, payload, status },
    );
  }

  async #read(jobId: string): Promise<StoredParts | null> {
    const job = await this.#deps.backend.call((queue) => queue.getJob(jobId));
    return job === undefined
      ? null
      : { payload: parsePayload(jobId, job.data), status: readStatus(job.progress) };
  }

  async #look(jobId: string, claim: Claim): Promise<Sighting | null> {
    const { backend, timing } = this.#deps;
    const holder = await backend.claims.hold(claim, timing.lockMs);
    const stored = await this.#read(jobId);
    if (holder !== null) return { cancel: stored?.payload.cancel, taken: true };
    return stored === null ? null : { cancel: stored.payload.cancel, taken: false };
  }

  /** A claim that ran out while the queue was away is taken again. */
  async #writeStatus(write: StatusWrite): Promise<StatusWritten> {
    const { backend, timing } = this.#deps;
    let answer = await backend.claims.write(write);
    if (answer === 'taken' && (await backend.claims.hold(write.claim, timing.lockMs)) === null)
      answer = await backend.claims.write(write);
    if (answer === 'written' || answer === 'gone') return answer;
    return 'lost';
  }

  async #sendBack(job: BullJob, token: string, forMs: number): Promise<void> {
    await this.#persistently(() => job.moveToDelayed(this.#deps.now() + forMs, token));
  }

  /** False when this process stops: the other one's job is not ours to wait for. */
  async #waitElsewhere(jobId: string): Promise<boolean> {
    const { log, timing, life } = this.#deps;
    log.info({ job: jobId }, 'Another process already runs this job; waiting for its end');
    await delay(timing.cancelPollMs, undefined, { signal: life.stopping }).catch(() => {});
    return !life.stopping.aborted;
  }

  /** Repeats a queue call until it succeeds; null when this worker leaves. BullMQ's verdicts on the job are thrown. */
  async #persistently<T>(work: () => Promise<T>): Promise<T | null> {
    const { trouble, timing, life } = this.#deps;
    while (!life.leaving.aborted) {
      try {
        return await unlessAborted(work(), life.leaving, () => null);
      } catch (error) {
        if (isQueueAnswer(error)) throw error;
        if (error instanceof SyncError && !isQueueAway(error)) throw error;
        trouble('A step of a job waits for the queue', error);
      }
      await delay(timing.retryMs, undefined, { signal: life.leaving }).catch(() => {});
    }
    return null;
  }
}
