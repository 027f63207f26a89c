import { SyncError } from '../errors/sync-error.ts';
import type { Claims } from '../jobs/claims/claims.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobView } from '../jobs/job-view.ts';
import { writtenTarget } from '../sync/contract/requests.ts';
import type { JobRequest } from '../sync/contract/requests.ts';

export interface BusyDeps {
  readonly claims: Pick<Claims, 'unfinished'>;
  readonly jobs: Pick<JobQueue, 'getJob'>;
}

/**
 * Why a schedule does not start now, the end of a sentence: its own job of the last time has not ended, or another one
 * writes to the same target. Null where nothing is in its way. `except`: the job of this time.
 *
 * The ids are those of one moment: lists by state, one after the other, miss a job that begins in between.
 */
export async function busyWith(
  { claims, jobs }: BusyDeps,
  schedule: string,
  request: JobRequest,
  except: string,
): Promise<string | null> {
  const target = writtenTarget(request);
  for (const id of await claims.unfinished()) {
    const job = id === except ? null : await found(jobs, id);
    if (job === null || job.finishedAt !== null) continue;
    if (job.trigger?.schedule === schedule) return `its job ${id} of the last time has not ended`;
    if (target !== null && writtenTarget(job.request) === target)
      return `job ${id}, which changes "${target}" too, has not ended`;
  }
  return null;
}

/** Null where it is gone by now, or another version wrote it, whose worker then sees to the order. */
async function found(jobs: BusyDeps['jobs'], id: string): Promise<JobView | null> {
  try {
    return await jobs.getJob(id);
  } catch (error) {
    if (error instanceof SyncError && ['USAGE_NOT_FOUND', 'USAGE_INVALID'].includes(error.code)) return null;
    throw error;
  }
}
