import { SyncError } from '../errors/sync-error.ts';
import { compareJobIds } from './job-id.ts';
import { writtenTarget } from '../sync/contract/requests.ts';
import { isFinal } from './job-status.ts';
import { findJob } from './job-view.ts';
import type { StoredJob } from './job-view.ts';
import type { QueueBackend } from './queue-backend.ts';
import { isQueueAnswer } from './queue-error.ts';

/**
 * The order of asking for a target, across any number of workers: a job waits for the unfinished ones that were asked
 * for earlier. That one job at a time writes to a target is the claim's work (`claims/claims.ts`), not this one's. A
 * job that waits goes back as delayed, which occupies no worker, and is woken when a job of its target ends. Two
 * services that share no queue meet at the advisory lock the verbs take on the target (CONFLICT_TARGET_BUSY).
 */
export interface Turns {
  /** Jobs for this target that stand before this one. Some of them may have ended a moment ago, never the first. */
  ahead(jobId: string, target: string): Promise<number>;
  /** Wakes the next job for this target. */
  wakeNext(target: string): Promise<void>;
}

export function createTurns(backend: QueueBackend): Turns {
  /** The target of a job never changes, so it is read once; holds unfinished jobs only. */
  const targets = new Map<string, string | null>();

  const read = async (id: string): Promise<StoredJob | null> =>
    backend.call(async (queue) => (await findJob(queue, id))?.stored ?? null);

  const targetOf = async (id: string): Promise<string | null> => {
    const known = targets.get(id);
    if (known !== undefined) return known;
    // A job of another version is refused by whoever takes it up; it writes nothing.
    const stored = await read(id).catch((error: unknown) => {
      if (error instanceof SyncError && error.code === 'USAGE_INVALID') return null;
      throw error;
    });
    const target = stored === null ? null : writtenTarget(stored.payload.request);
    targets.set(id, target);
    return target;
  };

  const rivals = async (ids: readonly string[], target: string): Promise<string[]> => {
    const found: string[] = [];
    for (const id of ids) if ((await targetOf(id)) === target) found.push(id);
    return found.sort(compareJobIds);
  };

  const forgetFinished = async (): Promise<void> => {
    const ids = new Set(await backend.claims.unfinished());
    for (const id of targets.keys()) if (!ids.has(id)) targets.delete(id);
  };

  return {
    async ahead(jobId, target) {
      const before = (await rivals(await backend.claims.unfinished(), target)).filter(
        (id) => compareJobIds(id, jobId) < 0,
      );
      for (const [index, id] of before.entries()) {
        const rival = await read(id);
        if (rival !== null && !isFinal(rival.view.state)) return before.length - index;
      }
      return 0;
    },

    async wakeNext(target) {
      const delayed = await backend.call((queue) => queue.getRanges(['delayed'], 0, -1));
      const [next] = await rivals(delayed, target);
      if (next !== undefined) {
        await backend.call(async (queue) => {
          const job = await queue.getJob(next);
          try {
            // Not `promote`, which on PostgreSQL may put a running job back among the waiting ones
            // (docs/facts/bullmq.md#states).
            await job?.changeDelay(0);
          } catch (error) {
            // It is not delayed any more: somebody has it already.
            if (!isQueueAnswer(error)) throw error;
          }
        });
      }
      await forgetFinished();
    },
  };
}
