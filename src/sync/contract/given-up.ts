import { SyncError } from '../../errors/sync-error.ts';

/**
 * Why an attempt at a job ends that is not the job's end: another process has the job now, or will have it. What
 * becomes of the job is that one's to say.
 */
export function givenUp(jobId: string): SyncError {
  return new SyncError('CANCELLED', `This process has given up job ${jobId}.`, {
    details: { givenUp: true },
  });
}

export function isGivenUp(error: unknown): boolean {
  return error instanceof SyncError && error.isGivenUp;
}
