import type { Config } from '../../config/config.ts';
import type { Reporter } from '../../progress/progress.ts';
import { connectAs } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import { unfinishedJournals } from '../journal/journal.ts';
import { finishedBefore } from '../journal/records.ts';
import { withUntriedServers } from '../ends/tried-servers.ts';
import type { Receipt } from '../contract/receipts.ts';
import { openTarget } from './open-target.ts';

/**
 * Clears up what a dead attempt at this job left, for a job that was cancelled before another worker took it. It
 * cannot be cancelled itself, because until it is done nobody knows the target's state. Returns the receipt if the
 * attempt had got past its switch, so that there was nothing left to cancel. Errors: those of `openTarget`.
 */
export async function settleDeadAttempt(
  deps: { readonly config: Config; readonly now: () => number },
  target: string | null,
  jobId: string,
  report: Reporter,
): Promise<Receipt | null> {
  if (target === null) return null;
  const left = await unfinishedJournals(deps.config, (of) => of === target, '');
  if (!left.some((journal) => journal.jobId === jobId)) return null;
  const environment = environmentNamed(deps.config, target);
  // Opening a target recovers it; a journal of its own is not needed for that.
  await using _open = await openTarget(
    {
      ...deps,
      config: withUntriedServers(deps.config, true),
      journal: { name: `${jobId}.` },
      id: jobId,
      signal: new AbortController().signal,
      report,
      connect: connectAs(jobId),
    },
    environment,
  );
  return finishedBefore(deps.config, jobId);
}
