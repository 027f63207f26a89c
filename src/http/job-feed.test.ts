import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import type { JobListener } from '../jobs/job-watch.ts';
import type { JobLogLine } from '../jobs/job-log-lines.ts';
import type { JobView } from '../jobs/job-view.ts';
import type { JobState, ProgressSnapshot } from '../progress/progress.ts';
import { followJob } from './job-feed.ts';
import type { FeedItem } from './job-feed.ts';
import type { HttpDeps } from './ports.ts';

const blank: ProgressSnapshot = {
  jobId: 'j',
  kind: 'export',
  state: 'running',
  sequence: 0,
  startedAt: 0,
  updatedAt: 0,
  source: 'a',
  target: null,
  steps: [],
  items: [],
  itemsDone: 0,
  itemsTotal: 0,
  bytesDone: 0,
  bytesEstimated: 0,
  rowsDone: 0,
  rowsEstimated: null,
  percent: 0,
  bytesPerSecond: null,
  rowsPerSecond: null,
  etaSeconds: null,
  message: '',
  error: null,
};

const snapshot = (sequence: number, state: JobState = 'running'): ProgressSnapshot => ({
  ...blank,
  sequence,
  state,
});

const line = (message: string): JobLogLine => ({ level: 'info', at: 0, message, fields: {} });

/** A queue with one job; the test says what happens to it. */
function oneJob(progress: ProgressSnapshot | null, state: JobState = 'running') {
  let job = { id: 'j', state, progress } as JobView;
  const listeners = new Set<JobListener>();
  const deps = {
    jobs: {
      getJob: async (id: string) => {
        if (id !== 'j') throw new SyncError('USAGE_NOT_FOUND', `There is no job ${id}.`);
        return job;
      },
    },
    events: {
      subscribe: (_id: string, listener: JobListener) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
    },
  } as unknown as Pick<HttpDeps, 'jobs' | 'events'>;
  const set = (next: Partial<JobView>): void => {
    job = { ...job, ...next };
  };
  return {
    deps,
    listeners,
    set,
    /** As the queue's events do: the new state, told to whoever listens. */
    tell: (next: Partial<JobView>) => {
      set(next);
      for (const { onJob } of listeners) onJob(job);
    },
    say: (...messages: string[]) => {
      for (const { onLog } of listeners) onLog?.(messages.map(line));
    },
  };
}

const short = (item: FeedItem | void): string => {
  if (item === undefined) return 'over';
  if (item.type === 'progress') return `progress ${item.progress.sequence}`;
  if (item.type === 'log') return item.line.message;
  if (item.type === 'gap') return `gap ${item.dropped}`;
  if (item.type === 'job') return `job ${item.job.state}`;
  return item.type;
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('followJob', () => {
  it('gives the present state, what happens, and the end, then unsubscribes', async () => {
    const job = oneJob(snapshot(4));
    const feed = followJob(job.deps, 'j', { signal: new AbortController().signal });
    const next = async () => short((await feed.next()).value);
    expect([await next(), await next()]).toEqual(['job running', 'progress 4']);
    const waiting = next();
    await vi.advanceTimersByTimeAsync(10);
    job.tell({ progress: snapshot(5) });
    expect(await waiting).toBe('progress 5');
    job.say('one');
    expect(await next()).toBe('one');
    job.tell({ state: 'cancelling' });
    expect(await next()).toBe('job cancelling');
    job.tell({ state: 'cancelled', progress: snapshot(6, 'cancelled') });
    expect([await next(), await next(), await next()]).toEqual(['progress 6', 'end', 'over']);
    expect(job.listeners.size).toBe(0);
  });

  it('keeps only the newest state and a bounded log for a slow watcher', async () => {
    const job = oneJob(snapshot(0));
    const feed = followJob(job.deps, 'j', { signal: new AbortController().signal });
    await feed.next();
    await feed.next();
    for (let n = 1; n <= 1000; n += 1) {
      job.tell({ progress: snapshot(n) });
      job.say(`line ${n}`);
    }
    job.say(...Array.from({ length: 500 }, (_, n) => `more ${n}`));
    const seen: string[] = [];
    for (let n = 0; n < 202; n += 1) seen.push(short((await feed.next()).value));
    expect(seen[0]).toBe('gap 1300');
    expect(seen[1]).toBe('more 300');
    expect(seen.at(-2)).toBe('more 499');
    expect(seen.at(-1)).toBe('progress 1000');
    await feed.return();
    expect(job.listeners.size).toBe(0);
  });

  it('does not repeat the snapshot the watcher has, nor go back to an older one', async () => {
    const job = oneJob(snapshot(7));
    const feed = followJob(job.deps, 'j', { signal: new AbortController().signal, knownSequence: 7 });
    expect(short((await feed.next()).value)).toBe('job running');
    const waiting = feed.next();
    await vi.advanceTimersByTimeAsync(10);
    job.tell({ progress: snapshot(6) });
    job.tell({ progress: snapshot(8) });
    expect(short((await waiting).value)).toBe('progress 8');
    await feed.return();
  });

  it('sends the present snapshot to a watcher that claims one the job never had', async () => {
    const job = oneJob(snapshot(7));
    const feed = followJob(job.deps, 'j', { signal: new AbortController().signal, knownSequence: 900 });
    await feed.next();
    expect(short((await feed.next()).value)).toBe('progress 7');
    await feed.return();
  });

  it('finds out by itself when the event of the end was lost', async () => {
    const job = oneJob(snapshot(1));
    const feed = followJob(job.deps, 'j', { signal: new AbortController().signal });
    await feed.next();
    await feed.next();
    const waiting = feed.next();
    await vi.advanceTimersByTimeAsync(14_000);
    job.set({ state: 'failed', progress: snapshot(2, 'failed') });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(short((await waiting).value)).toBe('ping');
    expect(short((await feed.next()).value)).toBe('progress 2');
    expect(short((await feed.next()).value)).toBe('end');
  });

  it('ends a job that never had a snapshot', async () => {
    const job = oneJob(null, 'queued');
    const feed = followJob(job.deps, 'j', { signal: new AbortController().signal });
    expect(short((await feed.next()).value)).toBe('job queued');
    const waiting = feed.next();
    await vi.advanceTimersByTimeAsync(10);
    job.tell({ state: 'cancelled' });
    expect(short((await waiting).value)).toBe('job cancelled');
    expect(short((await feed.next()).value)).toBe('end');
  });

  it('says its last when the service closes: the end, where it has come', async () => {
    for (const state of ['running', 'done'] as const) {
      const job = oneJob(snapshot(1));
      const closing = new AbortController();
      const feed = followJob(job.deps, 'j', {
        signal: new AbortController().signal,
        closing: closing.signal,
      });
      await feed.next();
      await feed.next();
      const waiting = feed.next();
      await vi.advanceTimersByTimeAsync(10);
      job.set({ state, progress: snapshot(2, state) });
      closing.abort();
      expect(short((await waiting).value)).toBe('progress 2');
      expect(short((await feed.next()).value)).toBe(state === 'done' ? 'end' : 'over');
      expect(short((await feed.next()).value)).toBe('over');
      expect(job.listeners.size).toBe(0);
    }
  });

  it('ends with the signal’s reason and unsubscribes', async () => {
    const job = oneJob(null, 'queued');
    const gone = new AbortController();
    const feed = followJob(job.deps, 'j', { signal: gone.signal });
    await feed.next();
    const waiting = expect(feed.next()).rejects.toThrow('gone');
    await vi.advanceTimersByTimeAsync(10);
    gone.abort(new Error('gone'));
    await waiting;
    expect(job.listeners.size).toBe(0);
  });

  it('unsubscribes from a job that does not exist', async () => {
    const job = oneJob(null);
    const feed = followJob(job.deps, 'other', { signal: new AbortController().signal });
    await expect(feed.next()).rejects.toMatchObject({ code: 'USAGE_NOT_FOUND' });
    expect(job.listeners.size).toBe(0);
  });
});
