import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { openJobEvents } from '../../src/jobs/job-events.ts';
import type { JobEvents } from '../../src/jobs/job-events.ts';
import type { JobQueue } from '../../src/jobs/job-queue.ts';
import { createJobQueue } from '../../src/jobs/job-queue.ts';
import type { JobView } from '../../src/jobs/job-view.ts';
import type { JobsLog } from '../../src/jobs/log.ts';
import type { QueueBackend } from '../../src/jobs/queue-backend.ts';
import { openQueueBackend } from '../../src/jobs/queue-connection.ts';
import type { QueueTiming } from '../../src/jobs/queue-settings.ts';
import type { RunQueuedJob } from '../../src/jobs/active-run.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import type { JobWorker } from '../../src/jobs/worker.ts';
import { Releasers } from '../../src/lib/releasers.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { JobState, ProgressSnapshot } from '../../src/progress/progress.ts';
import type { JobRequest } from '../../src/sync/contract/requests.ts';
import type { Receipt } from '../../src/sync/contract/receipts.ts';

/** The service's times, shortened so that a dead worker is noticed in two seconds. */
export const fastTiming: QueueTiming = {
  lockMs: 1_500,
  stalledCheckMs: 250,
  turnMs: 500,
  cancelPollMs: 100,
  takeoverMs: 3_000,
  retryMs: 100,
  idleCloseMs: 1_000,
  pollMs: 400,
};

export interface QueueAddress {
  readonly redisUrl?: string;
  readonly queueDatabaseUrl?: string;
}

export interface Harness {
  readonly name: string;
  readonly backend: QueueBackend;
  readonly queue: JobQueue;
  readonly logged: string[];
  readonly worker: (
    run: RunQueuedJob,
    options?: {
      maxConcurrent?: number;
      timeoutMinutes?: number;
      heldLocksDirectory?: string;
      timing?: Partial<QueueTiming>;
    },
  ) => Promise<JobWorker>;
  readonly events: () => JobEvents;
  /** Another service on the same queue. */
  readonly again: () => Promise<Harness>;
  readonly until: (id: string, state: JobState) => Promise<JobView>;
  readonly close: () => Promise<void>;
}

const silentLog = (logged: string[]): JobsLog => {
  const keep = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { info: keep, warn: keep, error: keep };
};

export async function openHarness(address: QueueAddress, name = newName()): Promise<Harness> {
  const closers = new Releasers();
  const logged: string[] = [];
  const log = silentLog(logged);
  const secret = (text: string | undefined): Secret | null => (text === undefined ? null : new Secret(text));
  const backend = await openQueueBackend(
    { redisUrl: secret(address.redisUrl), queueDatabaseUrl: secret(address.queueDatabaseUrl) },
    { name },
  );
  closers.defer(() => backend.close());
  const queue = createJobQueue({ backend, now: Date.now, random: Math.random });
  return {
    name,
    backend,
    queue,
    logged,
    async worker(run, options = {}) {
      const worker = await startWorker({
        backend,
        run,
        log,
        now: Date.now,
        name: `test-${randomBytes(4).toString('hex')}`,
        jobs: { maxConcurrent: options.maxConcurrent ?? 2, timeoutMinutes: options.timeoutMinutes ?? 5 },
        timing: { ...fastTiming, ...options.timing },
        heldLocksDirectory: options.heldLocksDirectory,
      });
      closers.defer(() => worker.stop({ force: true }));
      return worker;
    },
    events() {
      const events = openJobEvents({ backend, queue, log, now: Date.now, timing: fastTiming });
      closers.defer(() => events.close());
      return events;
    },
    again: () => openHarness(address, name),
    until: (id, state) => untilState(queue, id, state),
    close: () => closers.release(),
  };
}

function newName(): string {
  return `t_${randomBytes(5).toString('hex')}`;
}

/** Polls with a bound; a failing call counts as not yet. */
export async function eventually<T>(what: string, check: () => Promise<T | null> | T | null): Promise<T> {
  const deadline = Date.now() + 20_000;
  let problem: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await check();
      if (value !== null) return value;
    } catch (error) {
      problem = error;
    }
    await delay(25);
  }
  throw new Error(`Not in time: ${what}`, { cause: problem });
}

async function untilState(queue: JobQueue, id: string, state: JobState): Promise<JobView> {
  let last = 'unread';
  try {
    return await eventually(`${id} ${state}`, async () => {
      const job = await queue.getJob(id);
      last = `${job.state} ${JSON.stringify(job.error)}`;
      return job.state === state ? job : null;
    });
  } catch (error) {
    throw new Error(`Job ${id} is ${last}, not ${state}`, { cause: error });
  }
}

export const exportOf = (environment: string): JobRequest => ({ kind: 'export', input: { environment } });

export const syncTo = (target: string, source = 'staging'): JobRequest => ({
  kind: 'sync',
  input: { source, target, confirm: target },
});

export function receiptOf(jobId: string, rows = 7): Receipt {
  return {
    type: 'receipt',
    jobId,
    kind: 'sync',
    source: 'staging',
    target: 'production',
    mode: 'replace',
    modeReason: null,
    startedAt: 1,
    finishedAt: 2,
    seconds: 1,
    rows,
    tables: [],
    sequences: 0,
    largeObjects: null,
    objects: 0,
    dump: null,
    backup: null,
    keptDatabase: null,
    collections: [],
    steps: [],
    warnings: [],
    schemas: null,
    leftOut: [],
    stayed: [],
  };
}

export function snapshotOf(
  jobId: string,
  sequence: number,
  more: Partial<ProgressSnapshot> = {},
): ProgressSnapshot {
  return {
    jobId,
    kind: 'sync',
    state: 'running',
    sequence,
    startedAt: 1,
    updatedAt: Date.now(),
    source: 'staging',
    target: 'production',
    steps: [],
    items: [],
    itemsDone: 0,
    itemsTotal: 0,
    bytesDone: sequence,
    bytesEstimated: 100,
    rowsDone: 0,
    rowsEstimated: null,
    percent: 0,
    bytesPerSecond: null,
    rowsPerSecond: null,
    etaSeconds: null,
    message: `snapshot ${sequence}`,
    error: null,
    ...more,
  };
}

export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** A promise a test resolves when it likes. */
export function gate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** A job that ends only by its signal, with the signal's reason, as the verbs do. */
export const untilAborted: RunQueuedJob = async (_request, { signal }) => {
  signal.throwIfAborted();
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
};

export interface Queues {
  /** A service on a queue of its own. */
  readonly open: () => Promise<Harness>;
  /** Another service on the same queue. */
  readonly again: (first: Harness) => Promise<Harness>;
}

/** Opens services for the tests of a suite, and closes after each test what it opened. */
export function openQueues(address: () => QueueAddress): Queues {
  const opened: Harness[] = [];
  const keep = (harness: Harness): Harness => {
    opened.push(harness);
    return harness;
  };
  afterEach(async () => {
    for (let next = opened.pop(); next !== undefined; next = opened.pop()) await next.close();
  });
  return {
    open: async () => keep(await openHarness(address())),
    again: async (first) => keep(await first.again()),
  };
}
