import type { JobType } from 'bullmq';
import { SyncError } from '../errors/sync-error.ts';
import { compareJobIds } from './job-id.ts';
import { writtenTarget } from './job-payload.ts';
import { isFinal } from './job-status.ts';
import { findJob } from './job-view.ts';
import type { StoredJob } from './job-view.ts';
import type { QueueBackend } from './queue-backend.ts';

/**
 * One writer per target, in the order of asking, across any number of workers and without a lock of its own: a job may
 * start when no job asked for earlier that writes to the same target is unfinished, and no later one has begun (that
 * can be when clocks of two services differ). Whoever may not start goes back as delayed, which costs no worker, and is
 * woken when a job of its target ends; `turnMs` is the net for a lost wake-up. Two services that share no queue meet
 * at the advisory lock the verbs take on the target (CONFLICT_TARGET_BUSY).
 */
export interface Turns {
  mayStart(jobId: string, target: string): Promise<boolean>;
  /** Wakes the next job for this target. */
  wakeNext(target: string): Promise<void>;
}

const unfinished: JobType[] = ['active', 'waiting', 'delayed', 'prioritized'];

export function createTurns(backend: QueueBackend): Turns {
  /** What a job writes to never changes, so it is read once; holds unfinished jobs only. */
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

  const rivals = async (types: JobType[], target: string): Promise<string[]> => {
    const ids = await backend.call((queue) => queue.getRanges(types, 0, -1));
    const found: string[] = [];
    for (const id of ids) if ((await targetOf(id)) === target) found.push(id);
    return found.sort(compareJobIds);
  };

  const forgetFinished = async (): Promise<void> => {
    const ids = new Set(await backend.call((queue) => queue.getRanges(unfinished, 0, -1)));
    for (const id of targets.keys()) if (!ids.has(id)) targets.delete(id);
  };

  return {
    async mayStart(jobId, target) {
      for (const id of await rivals(unfinished, target)) {
        if (id === jobId) continue;
        const rival = await read(id);
        if (rival === null || isFinal(rival.view.state)) continue;
        if (compareJobIds(id, jobId) < 0) return false;
        if (rival.view.state === 'running' || rival.view.state === 'cancelling') return false;
      }
      return true;
    },

    async wakeNext(target) {
      const [next] = await rivals(['delayed'], target);
      if (next !== undefined) {
        await backend.call(async (queue) => {
          const job = await queue.getJob(next);
          await job?.promote();
        });
      }
      await forgetFinished();
    },
  };
}
