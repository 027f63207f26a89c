import { setTimeout as delay } from 'node:timers/promises';
import type { JobQueue } from './job-queue.ts';
import type { JobView } from './job-view.ts';
import { JobWatch } from './job-watch.ts';
import type { JobListener } from './job-watch.ts';
import type { JobsLog } from './log.ts';
import { closeInTime } from './queue-backend.ts';
import type { QueueBackend } from './queue-backend.ts';
import { queueTiming } from './queue-settings.ts';
import type { QueueTiming } from './queue-settings.ts';
import { createTroubleLog } from './trouble-log.ts';
import type { TroubleLog } from './trouble-log.ts';

export interface JobEventsDeps {
  readonly backend: QueueBackend;
  readonly queue: Pick<JobQueue, 'getJob' | 'logs'>;
  readonly log: JobsLog;
  readonly now: () => number;
  readonly timing?: Pick<QueueTiming, 'pollMs' | 'retryMs'> | undefined;
}

/**
 * Tells listeners in this process of jobs that run in any process.
 *
 * The queue's events only wake: the job itself is then read, one reading at a time for each job, so what a listener
 * gets never goes back, a slow queue makes fewer calls instead of a backlog, and a lost event costs `pollMs` while
 * someone listens. Holds the last view's sequence for each job listened to.
 */
export interface JobEvents {
  /** The job's present state soon, then each newer one, until its end. An unknown id is told nothing. */
  subscribe(jobId: string, listener: JobListener): () => void;
  /** Every job's new states, from now on. */
  subscribeAll(onJob: (job: JobView) => void): () => void;
  close(): Promise<void>;
}

/** BullMQ's events that mean a job may look different; `cancel` is ours (job-queue.ts). */
const wakingEvents = [
  'added',
  'waiting',
  'delayed',
  'active',
  'progress',
  'completed',
  'failed',
  'stalled',
  'cancel',
] as const;

/** Unfinished jobs looked after for listeners to all; more wait for their own events. */
const polledMax = 200;

export function openJobEvents(deps: JobEventsDeps): JobEvents {
  return new WatchedJobs(deps);
}

/**
 * The jobs that somebody listens to, with one watch each. It is *open* from the start, and *closed* for good by
 * `close`.
 *
 * A watch lasts from the first listener of its job (or, while somebody listens to all jobs, from its first event) until
 * the job has ended or nobody listens any more. While open, two loops run: one hears the queue's events and refreshes
 * the watches, the other refreshes them every `pollMs` in case an event was lost.
 */
class WatchedJobs implements JobEvents {
  readonly #deps: JobEventsDeps;
  readonly #timing: Pick<QueueTiming, 'pollMs' | 'retryMs'>;
  readonly #trouble: TroubleLog;
  readonly #watches = new Map<string, JobWatch>();
  readonly #everyone = new Set<(job: JobView) => void>();
  readonly #closed = new AbortController();
  readonly #events: ReturnType<QueueBackend['newEvents']>;
  readonly #polling: Promise<void>;

  constructor(deps: JobEventsDeps) {
    this.#deps = deps;
    this.#timing = deps.timing ?? queueTiming;
    this.#trouble = createTroubleLog(deps.log, deps.now);
    this.#events = deps.backend.newEvents();
    for (const event of wakingEvents) {
      this.#events.on(event as 'progress', ({ jobId }) => {
        this.#wake(jobId);
      });
    }
    this.#events.on('error', (error) => {
      this.#trouble('The queue’s events do not arrive; jobs are polled instead', error);
    });
    void this.#hear();
    this.#polling = this.#poll();
  }

  subscribe(jobId: string, listener: JobListener): () => void {
    const watch = this.#watches.get(jobId) ?? this.#begin(jobId);
    watch.add(listener);
    void watch.refresh();
    return () => {
      watch.remove(listener);
      if (!watch.hasListeners && this.#everyone.size === 0) this.#end(watch);
    };
  }

  subscribeAll(onJob: (job: JobView) => void): () => void {
    this.#everyone.add(onJob);
    return () => {
      this.#everyone.delete(onJob);
      if (this.#everyone.size > 0) return;
      for (const watch of this.#watches.values()) if (!watch.hasListeners) this.#end(watch);
    };
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const watch of this.#watches.values()) this.#end(watch);
    this.#everyone.clear();
    await closeInTime(this.#events);
    await this.#polling;
  }

  #begin(jobId: string): JobWatch {
    const { queue } = this.#deps;
    const watch = new JobWatch(
      { queue, trouble: this.#trouble, everyone: this.#everyone, onEnd: (ended) => this.#end(ended) },
      jobId,
    );
    this.#watches.set(jobId, watch);
    return watch;
  }

  #end(watch: JobWatch): void {
    watch.end();
    // A newer watch of the same job may stand there by now, with listeners of its own.
    if (this.#watches.get(watch.jobId) === watch) this.#watches.delete(watch.jobId);
  }

  #wake(jobId: string): void {
    const watch = this.#watches.get(jobId) ?? (this.#everyone.size > 0 ? this.#begin(jobId) : null);
    void watch?.refresh();
  }

  /** Hears events until closed; the first connection may fail, later ones BullMQ repairs itself. */
  async #hear(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        await this.#events.run();
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#trouble('The queue’s events do not arrive; jobs are polled instead', error);
      }
      await delay(this.#timing.retryMs, undefined, { signal }).catch(() => {});
    }
  }

  async #poll(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await delay(this.#timing.pollMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (this.#everyone.size > 0) await this.#wakeUnfinished();
      await Promise.all([...this.#watches.values()].map((watch) => watch.refresh()));
    }
  }

  async #wakeUnfinished(): Promise<void> {
    try {
      const ids = await this.#deps.backend.call((queue) =>
        queue.getRanges(['active', 'waiting', 'delayed'], 0, polledMax - 1),
      );
      for (const id of ids.slice(0, polledMax)) this.#wake(id);
    } catch (error) {
      this.#trouble('Updates of jobs wait for the queue', error);
    }
  }
}
