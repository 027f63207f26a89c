import type { Reporter } from '../../progress/progress.ts';
import type { Journal } from './journal.ts';
import type { VerbDeps } from '../contract/receipts.ts';

/** What a verb works with while its job runs (run-job.ts makes it). */
export interface JobContext extends VerbDeps {
  readonly jobId: string;
  /** Lower case letters and digits, new for each attempt at a job: the end of names of what it creates. */
  readonly runId: string;
  readonly journal: Journal;
  readonly report: Reporter;
  readonly signal: AbortSignal;
}
