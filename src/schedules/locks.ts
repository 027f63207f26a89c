import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../errors/sync-error.ts';
import type { Claims } from '../jobs/claims/claims.ts';

/** Whoever dies with the lock keeps the others out for so long. */
const leaseMs = 30_000;
const patienceMs = 10_000;
const pauseMs = 50;

export type WithSchedule = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/**
 * Lets one at a time change what is known of a schedule: within the process by a line, among the services on a queue
 * by a claim in the queue's store. QUEUE_UNAVAILABLE; CONFLICT_STATE where another one has it for too long.
 */
export function scheduleLocks(claims: Pick<Claims, 'hold' | 'release'>, holder: string): WithSchedule {
  const lines = new Map<string, Promise<unknown>>();
  const claimed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const claim = { name: `schedule ${name}`, holder };
    const until = performance.now() + patienceMs;
    while ((await claims.hold(claim, leaseMs)) !== null) {
      if (performance.now() > until)
        throw new SyncError(
          'CONFLICT_STATE',
          `Another service is at work on the schedule "${name}"; try again.`,
        );
      await delay(pauseMs);
    }
    try {
      return await work();
    } finally {
      // It ends by itself.
      await claims.release(claim).catch(() => {});
    }
  };
  return (name, work) => {
    const before = lines.get(name) ?? Promise.resolve();
    const done = before.then(() => claimed(name, work));
    const settled = done.catch(() => {});
    lines.set(name, settled);
    void settled.then(() => {
      if (lines.get(name) === settled) lines.delete(name);
    });
    return done;
  };
}
