/** The queue's numbers. Tests shorten the times; nothing else changes them. */
export interface QueueTiming {
  /**
   * A worker that is silent for this long counts as dead: its jobs and claims go to another, sooner if its machine is
   * known (`held-locks.ts`). BullMQ renews its lock at half of it, we the claim with each look for a wish to cancel.
   */
  readonly lockMs: number;
  /** Between two looks for dead workers' jobs; the second look that finds one takes it back. */
  readonly stalledCheckMs: number;
  /** A job that is next for its busy target looks again after this, should nobody wake it; others later. */
  readonly turnMs: number;
  /** Between two looks at a running job's wish to be cancelled. */
  readonly cancelPollMs: number;
  /** How long a job taken over from a dead worker waits for that worker's database sessions to end. */
  readonly takeoverMs: number;
  /** Between two tries of a write that the queue's server did not take. */
  readonly retryMs: number;
  /** How long an idle worker that stops waits for BullMQ to close; without its server BullMQ never closes. */
  readonly idleCloseMs: number;
  /** The safety net of a subscription: how stale it can get when an event was lost. */
  readonly pollMs: number;
}

export const queueTiming: QueueTiming = {
  lockMs: 45_000,
  stalledCheckMs: 5_000,
  turnMs: 5_000,
  cancelPollMs: 1_000,
  takeoverMs: 60_000,
  retryMs: 1_000,
  idleCloseMs: 3_000,
  pollMs: 2_000,
};

/** Times a job runs again after its worker died, before it fails with JOB_WORKER_LOST. */
export const recoveriesMax = 2;

/** Between two snapshots that tell of work only (a change of step or state is written at once). */
export const progressEveryMs = 250;

/** Lines of a job that the queue keeps, however many it tells: in number, as JSON in all, and each alone. */
export const logLinesMax = 1_000;
export const logBytesMax = 64 * 1024;
export const lineBytesMax = 2 * 1024;

/** Finished jobs the queue keeps, for each of the two lists BullMQ has (completed, failed). */
export const history = { age: 90 * 86_400, count: 500 } as const;

/** Events are hints: whoever is woken reads the job itself. Those of our own carry an id and no more. */
export const eventsMax = 500;

export const queueName = 'jobs';
/** Name space in Redis (key prefix) and in PostgreSQL (schema). */
export const namespace = { redis: 'multiboard-sync', postgresql: 'multiboard_sync_queue' } as const;

/** After the first SIGTERM: how long running jobs may end by themselves, then how long they may cancel cleanly. */
export const drainMs = 120_000;
export const cancelMs = 30_000;
