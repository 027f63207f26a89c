import { expireDumps } from '../dump/store.ts';
import { asSyncError } from '../errors/sync-error.ts';
import type { JobContext } from './job-context.ts';

/** Removes dumps whose time is over, but for those of this job; what does not succeed is a warning. */
export async function retireDumps(context: JobContext, keep: readonly string[]): Promise<void> {
  await expireDumps(context.config, { now: context.now(), keep: new Set(keep) }, (name, error) => {
    context.report.log('warn', 'An old dump could not be looked at or removed; the next run tries again.', {
      dump: name,
      reason: asSyncError(error).message,
    });
  });
}
