import type { JobView } from '../jobs/job-view.ts';
import { requests } from '../sync/contract/requests.ts';
import type { HttpDeps } from './ports.ts';

type Ends = Pick<JobView, 'kind' | 'source' | 'target'>;

/**
 * Whose a job is: the environment it writes to; of a job that writes to none, those it reads. One that may be told to
 * whom it belongs by nobody (no environment) belongs to no token of some environments.
 */
export function ownersOf({ kind, source, target }: Ends): readonly string[] {
  const ends = requests[kind].writes === 'nothing' ? [source, target] : [target];
  return ends.filter((name) => name !== null);
}

/** Of a job that is there. Throws USAGE_NOT_FOUND. */
export async function ownersOfJob({ jobs }: Pick<HttpDeps, 'jobs'>, id: string): Promise<readonly string[]> {
  return ownersOf(await jobs.getJob(id));
}

/** Of a dump: the environment whose rows it holds. Throws STORAGE_DUMP_UNKNOWN. */
export async function ownersOfDump(
  { dumps }: Pick<HttpDeps, 'dumps'>,
  id: string,
): Promise<readonly string[]> {
  return [(await dumps.get(id)).summary.environment];
}
