import { expireDumps } from '../../dump/store.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { dumpsOfRuns } from './dump-uses.ts';
import type { JobContext } from '../journal/job-context.ts';

/**
 * Removes dumps whose time is over, except those of this job and those that others need; a failure is a warning.
 */
export async function retireDumps(context: JobContext, keep: readonly string[]): Promise<void> {
  const onFailure = (dump: string | null, error: unknown): void => {
    context.report.log('warn', 'An old dump could not be read or removed; the next run tries again.', {
      dump,
      reason: asSyncError(error).message,
    });
  };
  try {
    const needed = [
      ...(await dumpsOfRuns(context.config, context.journal.name)).keys(),
      ...((await context.dumpsOfJobs?.()) ?? new Map<string, string>()).keys(),
    ];
    await expireDumps(context.config, { now: context.now(), keep: new Set([...keep, ...needed]) }, onFailure);
  } catch (error) {
    // If it is not known who needs them, none is removed.
    onFailure(null, error);
  }
}
