import { expireDumps } from '../../dump/store.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { dumpsOfRuns } from './dump-uses.ts';
import type { Run } from '../contract/run.ts';

/**
 * Removes dumps whose time is over, except those of this job and those that others need; a failure is a warning.
 */
export async function retireDumps(run: Run, keep: readonly string[]): Promise<void> {
  const onFailure = (dump: string | null, error: unknown): void => {
    run.report.log('warn', 'An old dump could not be read or removed; the next run tries again.', {
      dump,
      reason: asSyncError(error).message,
    });
  };
  try {
    const needed = [
      ...(await dumpsOfRuns(run.config, run.journal.name)).keys(),
      ...((await run.dumpsOfJobs?.()) ?? new Map<string, string>()).keys(),
    ];
    await expireDumps(run.config, { now: run.now(), keep: new Set([...keep, ...needed]) }, onFailure);
  } catch (error) {
    // If it is not known who needs them, none is removed.
    onFailure(null, error);
  }
}
