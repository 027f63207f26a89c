import type { Config } from '../config/config.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobView } from '../jobs/job-view.ts';
import { jobRecords } from '../sync/journal/records.ts';
import { isSameWork } from './events.ts';
import type { EarlierJob } from './events.ts';

const looked = 100;
/** Comparisons of the queue whose receipts are read: the last ones say whether something works again. */
const readMax = 5;

/**
 * Jobs of the same work that ended before this one, newest first: those of the queue, whichever machine ran them, and
 * those of the data directory, which the queue may have lost or a command line run.
 */
export async function earlierJobs(
  {
    jobs,
    config,
  }: {
    readonly jobs: Pick<JobQueue, 'listJobs' | 'getWholeJob'>;
    readonly config: Pick<Config, 'directories'>;
  },
  job: Pick<JobView, 'id' | 'kind' | 'source' | 'target' | 'state' | 'error' | 'finishedAt'>,
): Promise<readonly EarlierJob[]> {
  const until = job.finishedAt ?? Number.POSITIVE_INFINITY;
  const ended = new Map<string, EarlierJob & { readonly finishedAt: number }>();
  const add = (one: EarlierJob & { readonly finishedAt: number | null }): void => {
    const { finishedAt } = one;
    if (one.id !== job.id && finishedAt !== null && finishedAt <= until)
      ended.set(one.id, { ...one, finishedAt });
  };
  const environment = job.target ?? job.source ?? undefined;
  const page = await jobs.listJobs({ kind: job.kind, environment, limit: looked, before: job.id });
  for (const [index, one] of page.jobs.filter((other) => isSameWork(job, other)).entries())
    add(job.kind === 'verify' && index < readMax ? await jobs.getWholeJob(one.id) : one);
  for (const record of await jobRecords(config, (one) => isSameWork(job, one))) add(record);
  return [...ended.values()].sort((one, other) => other.finishedAt - one.finishedAt);
}
