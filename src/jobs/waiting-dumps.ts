import type { Config } from '../config/config.ts';
import type { JobKind, JobState } from '../progress/progress.ts';
import { jobKinds, requests } from '../sync/contract/requests.ts';
import { dumpsRead } from '../sync/dumps/dump-uses.ts';
import type { DumpUses } from '../sync/dumps/dump-uses.ts';
import type { JobQueue } from './job-queue.ts';
import type { JobView } from './job-view.ts';

type Jobs = Pick<JobQueue, 'listJobs'>;

const unfinished: readonly JobState[] = ['queued', 'running', 'cancelling'];
const readers = jobKinds.filter((kind) => requests[kind].readsDumps);
const pageMax = 1_000;

/**
 * Dumps that jobs of the queue need which have not ended: also those that no worker has begun, which have no journal.
 */
export async function dumpsOfJobs(config: Pick<Config, 'directories'>, jobs: Jobs): Promise<DumpUses> {
  const uses = new Map<string, string>();
  for (const kind of readers)
    for (const { id, request, state } of await unfinishedJobs(jobs, kind))
      for (const dump of await dumpsRead(config, request))
        uses.set(dump, `job ${id}, which reads it (${state})`);
  return uses;
}

/** Jobs that undos of the queue take back which have not ended: who does, a part of a sentence. */
export async function undosOfJobs(jobs: Jobs): Promise<ReadonlyMap<string, string>> {
  const undone = new Map<string, string>();
  for (const { id, request, state } of await unfinishedJobs(jobs, 'rollback'))
    if (request.kind === 'rollback')
      undone.set(request.input.jobId, `job ${id}, which goes back to it (${state})`);
  return undone;
}

async function unfinishedJobs(
  jobs: Jobs,
  kind: JobKind,
): Promise<readonly (Pick<JobView, 'id' | 'request'> & { readonly state: JobState })[]> {
  const pages = await Promise.all(
    unfinished.map(async (state) => {
      const page = await jobs.listJobs({ state, kind, limit: pageMax });
      return page.jobs.map(({ id, request }) => ({ id, request, state }));
    }),
  );
  return pages.flat();
}
