import { SyncError } from '../errors/sync-error.ts';
import type { JobEvent } from '../progress/progress.ts';
import type { JobRequest } from './job-request.ts';
import type { ExportInput, ImportInput, Receipt, VerbDeps, VerifyReceipt } from './verbs.ts';

/** The command line may also name a file; the queue and the API never can (`jobRequestSchema`). */
export type LocalJobRequest =
  | JobRequest
  | { readonly kind: 'export' | 'backup'; readonly input: ExportInput }
  | { readonly kind: 'import'; readonly input: ImportInput };

export interface RunJobOptions {
  readonly jobId: string;
  /** Aborting cancels cleanly: the target stays the old state. The reason is a `SyncError` (CANCELLED, TIMED_OUT). */
  readonly signal: AbortSignal;
  /** Called with every event of the job, in order; must not throw. */
  readonly emit: (event: JobEvent) => void;
}

/**
 * Runs one job from its first step to its receipt, in this process: the same for the queue's worker and the command
 * line. Writes the job's journal and record below the data directory. Rejects with a `SyncError`, after the last
 * `progress` event told the same.
 */
export async function runJob(
  deps: VerbDeps,
  request: LocalJobRequest,
  options: RunJobOptions,
): Promise<Receipt | VerifyReceipt> {
  await Promise.resolve([deps, request, options]);
  throw new SyncError('INTERNAL', 'runJob');
}
