import type { Config } from '../config/config.ts';
import type { JobState } from '../progress/progress.ts';
import { jobKinds, requests } from '../sync/contract/requests.ts';
import { dumpsRead } from '../sync/dumps/dump-uses.ts';
import type { DumpUses } from '../sync/dumps/dump-uses.ts';
import type { JobQueue } from './job-queue.ts';

const unfinished: readonly JobState[] = ['queued', 'running', 'cancelling'];
const readers = jobKinds.filter((kind) => requests[kind].readsDumps);
const pageMax = 1_000;

/**
 * Dumps that jobs of the queue need which have not ended: also those that no worker has begun, which have no journal.
 */
export async function dumpsOfJobs(
  config: Pick<Config, 'directories'>,
  jobs: Pick<JobQueue, 'listJobs'>,
): Promise<DumpUses> {
  const uses = new Map<string, string>();
  for (const state of unfinished)
    for (const kind of readers) {
      const page = await jobs.listJobs({ state, kind, limit: pageMax });
      for (const { id, request } of page.jobs)
        for (const dump of await dumpsRead(config, request))
          uses.set(dump, `job ${id}, which reads it (${state})`);
    }
  return uses;
}
