import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../errors/sync-error.ts';
import type { JobLogLine, JobQueue } from './job-queue.ts';
import { isFinal } from './job-status.ts';
import type { JobView } from './job-view.ts';
import type { JobsLog } from './log.ts';
import { closeInTime } from './queue-backend.ts';
import type { QueueBackend } from './queue-backend.ts';
import { isQueueAway } from './queue-error.ts';
import { queueTiming } from './queue-settings.ts';
import type { QueueTiming } from './queue-settings.ts';
import { createTroubleLog } from './trouble-log.ts';

export interface JobEventsDeps {
  readonly backend: QueueBackend;
  readonly queue: Pick<JobQueue, 'getJob' | 'logs'>;
  readonly log: JobsLog;
  readonly now: () => number;
  readonly timing?: Pick<QueueTiming, 'pollMs' | 'retryMs'> | undefined;
}

export interface JobListener {
  /** The whole state of the job; the last call has a final state, and nothing follows it. Must not throw. */
  readonly onJob: (job: JobView) => void;
  /** New lines, oldest first, of those that come after the subscription. */
  readonly onLog?: ((lines: readonly JobLogLine[]) => void) | undefined;
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

/** What one listener knows already. */
interface Known {
  state: string;
  /** Null before the first reading. */
  lines: number | null;
}

interface Watch {
  readonly listeners: Map<JobListener, Known>;
  /** What the listeners to all jobs know of this one. */
  readonly everyone: Known;
  reading: boolean;
  again: boolean;
}

export function openJobEvents(deps: JobEventsDeps): JobEvents {
  const { backend, queue, log, now } = deps;
  const timing = deps.timing ?? queueTiming;
  const trouble = createTroubleLog(log, now);
  const watches = new Map<string, Watch>();
  const everyone = new Set<(job: JobView) => void>();
  const closed = new AbortController();
  const events = backend.newEvents();

  /** A newer watch of the same job may stand there by now, with listeners of its own. */
  const stands = (jobId: string, watch: Watch): boolean => watches.get(jobId) === watch;
  const forget = (jobId: string, watch: Watch): void => {
    if (stands(jobId, watch)) watches.delete(jobId);
  };

  const tellLines = async (jobId: string, watch: Watch): Promise<void> => {
    const wanting = [...watch.listeners].filter(([listener]) => listener.onLog !== undefined);
    if (wanting.length === 0) return;
    const from = Math.min(...wanting.map(([, known]) => known.lines ?? 0));
    const lines = await queue.logs(jobId, { from });
    if (!stands(jobId, watch)) return;
    for (const [listener, known] of wanting) {
      const fresh = known.lines === null ? [] : lines.slice(known.lines - from);
      known.lines = from + lines.length;
      if (fresh.length > 0) listener.onLog?.(fresh);
    }
  };

  const read = async (jobId: string, watch: Watch): Promise<void> => {
    const job = await queue.getJob(jobId);
    if (!stands(jobId, watch)) return;
    // The last lines are written before the job's end, so they are told before it too.
    await tellLines(jobId, watch);
    if (!stands(jobId, watch)) return;
    const state = `${job.state} ${job.attempts} ${job.progress?.sequence ?? -1}`;
    for (const [listener, known] of watch.listeners) {
      if (known.state === state) continue;
      known.state = state;
      listener.onJob(job);
    }
    if (watch.everyone.state !== state) {
      watch.everyone.state = state;
      for (const onJob of everyone) onJob(job);
    }
    if (isFinal(job.state)) forget(jobId, watch);
  };

  const refresh = async (jobId: string, watch: Watch): Promise<void> => {
    if (watch.reading) {
      watch.again = true;
      return;
    }
    watch.reading = true;
    try {
      do {
        watch.again = false;
        await read(jobId, watch);
      } while (watch.again && stands(jobId, watch));
    } catch (error) {
      const gone = error instanceof SyncError && !isQueueAway(error);
      // Removed from the history, or written by another version: nobody can be told more.
      if (gone) forget(jobId, watch);
      else trouble('Updates of a job wait for the queue', error);
    } finally {
      watch.reading = false;
    }
  };

  const wake = (jobId: string): void => {
    let watch = watches.get(jobId);
    if (watch === undefined) {
      if (everyone.size === 0) return;
      watch = newWatch();
      watches.set(jobId, watch);
    }
    void refresh(jobId, watch);
  };

  for (const event of wakingEvents) {
    events.on(event as 'progress', ({ jobId }) => {
      wake(jobId);
    });
  }
  events.on('error', (error) => {
    trouble('The queue’s events do not arrive; jobs are polled instead', error);
  });

  /** Hears events until closed; the first connection may fail, later ones BullMQ repairs itself. */
  const hear = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      try {
        await events.run();
        return;
      } catch (error) {
        if (closed.signal.aborted) return;
        trouble('The queue’s events do not arrive; jobs are polled instead', error);
      }
      await delay(timing.retryMs, undefined, { signal: closed.signal }).catch(() => {});
    }
  };

  const poll = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      await delay(timing.pollMs, undefined, { signal: closed.signal }).catch(() => {});
      if (closed.signal.aborted) return;
      if (everyone.size > 0) await wakeUnfinished();
      await Promise.all([...watches].map(([jobId, watch]) => refresh(jobId, watch)));
    }
  };

  const wakeUnfinished = async (): Promise<void> => {
    try {
      const ids = await backend.call((bull) =>
        bull.getRanges(['active', 'waiting', 'delayed'], 0, polledMax - 1),
      );
      for (const id of ids.slice(0, polledMax)) wake(id);
    } catch (error) {
      trouble('Updates of jobs wait for the queue', error);
    }
  };

  void hear();
  const polling = poll();

  return {
    subscribe(jobId, listener) {
      const watch = watches.get(jobId) ?? newWatch();
      watches.set(jobId, watch);
      watch.listeners.set(listener, { state: '', lines: null });
      void refresh(jobId, watch);
      return () => {
        watch.listeners.delete(listener);
        if (watch.listeners.size === 0 && everyone.size === 0) forget(jobId, watch);
      };
    },
    subscribeAll(onJob) {
      everyone.add(onJob);
      return () => {
        everyone.delete(onJob);
        if (everyone.size > 0) return;
        for (const [jobId, watch] of watches) if (watch.listeners.size === 0) watches.delete(jobId);
      };
    },
    async close() {
      closed.abort();
      watches.clear();
      everyone.clear();
      await closeInTime(events);
      await polling;
    },
  };
}

function newWatch(): Watch {
  return { listeners: new Map(), everyone: { state: '', lines: null }, reading: false, again: false };
}
