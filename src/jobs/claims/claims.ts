import type { JobRequest } from '../../sync/contract/requests.ts';
import { writtenTarget } from '../../sync/contract/requests.ts';
import type { JobStatus } from '../job-status.ts';

/** What a run must hold while it lasts, and by whom it is held. */
export interface Claim {
  /** The target, for a job that writes to one; else the job itself. */
  readonly name: string;
  /** The job and the worker that runs it. */
  readonly holder: string;
}

/**
 * The result of writing a status. `ended`: the job has an outcome already. `taken`: the claim is another's, or
 * nobody's. `cancelled`: it was to begin, and a wish to cancel came first. `gone`: the queue does not know the job.
 */
export type WriteAnswer = 'written' | 'ended' | 'taken' | 'cancelled' | 'gone';

export interface StatusWrite {
  readonly jobId: string;
  readonly claim: Claim;
  readonly status: JobStatus;
  /** This status begins a run: not done when somebody wishes to cancel. */
  readonly begins: boolean;
}

/**
 * The right to run, in the queue's own store and by its clock. Each call is one step there: of all workers on a queue
 * at most one holds a name, and nothing writes over an outcome. A holder that stops renewing loses its claim after
 * the time it asked for, but only when somebody else asks; until then it may renew it. Each call throws what the
 * driver throws.
 */
export interface Claims {
  /** Takes the claim for `ms` from now, or renews it. Null when it is held now; else who holds it. */
  hold(claim: Claim, ms: number): Promise<string | null>;
  /** Gives the claim back; nothing where another has it. */
  release(claim: Claim): Promise<void>;
  /** Writes the status of a job that has no outcome, for the holder of the claim. */
  write(write: StatusWrite): Promise<WriteAnswer>;
  /** Ids of the jobs that have not ended, of one moment: a job that changes its state meanwhile is not missed. */
  unfinished(): Promise<readonly string[]>;
}

/** The claim of worker `worker` on what this job needs. */
export function claimOf(jobId: string, request: JobRequest, worker: string): Claim {
  const target = writtenTarget(request);
  return { name: target === null ? `job ${jobId}` : `target ${target}`, holder: `${jobId} ${worker}` };
}

/** True when `holder` is some worker's run of this job. */
export function isRunOf(jobId: string, holder: string): boolean {
  return holder.startsWith(`${jobId} `);
}
