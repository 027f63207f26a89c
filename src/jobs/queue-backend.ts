import { withBackend } from 'bullmq';
import type {
  BackendFactory,
  IQueueBackend,
  Processor,
  Queue,
  QueueEvents,
  Worker,
  WorkerOptions,
} from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import type { Claims } from './claims/claims.ts';
import { isQueueAnswer, queueError } from './queue-error.ts';
import { eventsMax, queueName } from './queue-settings.ts';

export type AnyQueue = Queue<unknown, unknown, string, unknown, unknown, string, IQueueBackend, unknown>;
type AnyWorker = Worker<unknown, unknown, string, IQueueBackend, never, unknown>;
type AnyQueueEvents = QueueEvents<unknown, IQueueBackend, unknown>;
type QueueProcessor = Processor<unknown, unknown>;
type OwnWorkerOptions = Omit<WorkerOptions<never>, 'connection' | 'prefix'>;

/** An open queue on either server: the same calls, whatever stands behind it. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgresql';
  /** Server and database without secrets, for messages. */
  readonly where: string;
  /** For short calls; fails fast when the server is gone. */
  readonly queue: AnyQueue;
  /** Who may run what. */
  readonly claims: Claims;
  /** What somebody should change at the server, for the log. */
  readonly warnings: readonly string[];
  newWorker(processor: QueueProcessor, options: OwnWorkerOptions, patience: Patience): AnyWorker;
  newEvents(): AnyQueueEvents;
  /** Resolves when the server answers in time; else QUEUE_UNAVAILABLE. For `GET /ready`. */
  ready(): Promise<void>;
  /** Runs a call on the queue; whatever the driver throws becomes QUEUE_UNAVAILABLE, QUEUE_FULL (or INTERNAL). */
  call<T>(work: (queue: AnyQueue) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How a worker behaves while the queue's server is away. */
interface Patience {
  /** Between two tries. */
  readonly retryMs: number;
  /** Ends the trying. */
  readonly signal: AbortSignal;
}

/**
 * BullMQ takes only ECONNREFUSED for a lost connection (docs/facts/bullmq.md#lost-connections). With any other error
 * of a server that restarts its loop asks for the next job again without a pause, and a finished job whose filing
 * failed is filed as failed. So: a failed request for work waits before it is reported, and filing is tried until the
 * server takes it or gives a verdict on the job.
 */
function withPatience<B extends IQueueBackend>(backend: B, { retryMs, signal }: Patience): B {
  const pause = async (): Promise<void> => {
    await delay(retryMs, undefined, { signal }).catch(() => {});
  };
  const persistently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (isQueueAnswer(error) || signal.aborted) throw error;
      }
      await pause();
    }
  };
  const moveToActive = backend.moveToActive.bind(backend);
  const moveToCompleted = backend.moveToCompleted.bind(backend);
  const moveToFailed = backend.moveToFailed.bind(backend);
  backend.moveToActive = async (...args) => {
    try {
      return await moveToActive(...args);
    } catch (error) {
      await pause();
      throw error;
    }
  };
  backend.moveToCompleted = async (...args) => persistently(() => moveToCompleted(...args));
  backend.moveToFailed = async (...args) => persistently(() => moveToFailed(...args));
  return backend;
}

interface Parts<B, C> {
  readonly kind: QueueBackend['kind'];
  readonly where: string;
  /** Connection options by what they are for. */
  readonly connections: { readonly calls: C; readonly worker: C; readonly events: C };
  /** Redis only. */
  readonly prefix?: string;
  readonly claims: (backend: B) => Claims;
  readonly warnings?: readonly string[];
}

const answerTimeoutMs = 10_000;
const readyTimeoutMs = 3_000;
const closeTimeoutMs = 1_000;
const disconnectTimeoutMs = 500;

/** Joins BullMQ's classes to one backend. The caller has made sure that the server answers and its schema exists. */
export async function bindBackend<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  parts: Parts<B, C>,
): Promise<QueueBackend> {
  const { kind, where, connections } = parts;
  const classes = withBackend(factory);
  const prefix = parts.prefix === undefined ? {} : { prefix: parts.prefix };
  const own = new classes.Queue(queueName, {
    ...prefix,
    connection: connections.calls,
    streams: { events: { maxLen: eventsMax } },
  });
  const queue = own as unknown as AnyQueue;
  const claims = parts.claims(own.getBackend());
  // Every failed call rejects for its caller; the event says the same once more.
  own.on('error', () => {});

  const answered = async <T>(work: Promise<T>, timeoutMs = answerTimeoutMs): Promise<T> => {
    try {
      return await inTime(work, timeoutMs, () => {
        throw new SyncError('QUEUE_UNAVAILABLE', `The queue (${where}) does not answer.`);
      });
    } catch (error) {
      throw queueError(error, where);
    }
  };

  const backend: QueueBackend = {
    kind,
    where,
    queue,
    claims: {
      hold: (claim, ms) => answered(claims.hold(claim, ms)),
      release: (claim) => answered(claims.release(claim)),
      write: (write) => answered(claims.write(write)),
      unfinished: () => answered(claims.unfinished()),
    },
    warnings: parts.warnings ?? [],
    newWorker: (processor, options, patience) => {
      const patient: BackendFactory<B, C> = (...args) => withPatience(factory(...args), patience);
      const { Worker } = withBackend(patient);
      return new Worker<unknown, unknown, string, never>(queueName, processor, {
        ...prefix,
        ...options,
        connection: connections.worker,
      }) as unknown as AnyWorker;
    },
    newEvents: () =>
      new classes.QueueEvents(queueName, {
        ...prefix,
        connection: connections.events,
        autorun: false,
      }) as unknown as AnyQueueEvents,
    ready: async () => {
      await answered(queue.getBackend().getCounts(['active']), readyTimeoutMs);
    },
    call: async (work) => answered(work(queue)),
    close: async () => {
      await closeInTime(queue);
    },
  };
  try {
    await answered(queue.waitUntilReady());
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

interface Closable {
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

/** Closes politely, or hard when the server does not answer: closing must never keep a process alive. */
export async function closeInTime(closable: Closable, timeoutMs = closeTimeoutMs): Promise<void> {
  const closed = closable.close().then(
    () => true,
    () => false,
  );
  if (await inTime(closed, timeoutMs, () => false)) return;
  // Nothing is left to tell anyone: the connection is gone either way. A client that waits for its next try to connect
  // never says that it has disconnected.
  await inTime(
    closable.disconnect().catch(() => {}),
    disconnectTimeoutMs,
    () => {},
  );
}
