import { z } from 'zod';
import { asSyncError, errorReport } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import type { JobState, ProgressSnapshot } from '../progress/progress.ts';
import type { Receipt, VerifyReceipt } from '../sync/contract/receipts.ts';

export type JobReceipt = Receipt | VerifyReceipt;

/** How a job ended. `shortened`: the queue has it cut (`short-outcome.ts`); the job's record has it whole. */
export type JobOutcome =
  | {
      readonly state: 'done';
      readonly receipt: JobReceipt;
      readonly at: number;
      readonly shortened?: boolean | undefined;
    }
  | {
      readonly state: 'failed' | 'cancelled';
      readonly error: ErrorReport;
      readonly at: number;
      readonly shortened?: boolean | undefined;
    };

/**
 * What the worker knows of a job, kept in the queue as the job's progress. The outcome is written here *before* the
 * job is moved to its finished list: a worker (this or another) that takes up a job with an outcome only files it
 * away and never runs it twice, however badly the connection to the queue behaved.
 */
export interface JobStatus {
  readonly version: 1;
  /** When it first ran, epoch milliseconds; null while it has not. */
  readonly startedAt: number | null;
  /** Runs that began. */
  readonly attempts: number;
  /** The latest of them, by the holder of its claim; null before the first. */
  readonly runBy: string | null;
  readonly progress: ProgressSnapshot | null;
  readonly outcome: JobOutcome | null;
}

export const unstarted: JobStatus = {
  version: 1,
  startedAt: null,
  attempts: 0,
  runBy: null,
  progress: null,
  outcome: null,
};

/** Only the frame is checked: what is inside was written by this program as the types say. */
const frame = z.looseObject({
  version: z.literal(1),
  startedAt: z.number().nullable(),
  attempts: z.number().default(1),
  runBy: z.string().nullable().default(null),
  progress: z.looseObject({ sequence: z.number(), state: z.string() }).nullable(),
  outcome: z.looseObject({ state: z.enum(['done', 'failed', 'cancelled']), at: z.number() }).nullable(),
});

/** The stored status; BullMQ's own first value (0) means that nothing was written yet. */
export function readStatus(stored: unknown): JobStatus {
  const parsed = frame.safeParse(stored);
  return parsed.success ? (parsed.data as unknown as JobStatus) : unstarted;
}

export function isFinal(state: JobState): state is 'done' | 'failed' | 'cancelled' {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** The same rule as the job's record (`runJob`): a person's wish and the time limit both cancel. */
export function failedOutcome(thrown: unknown, at: number): JobOutcome {
  const error = asSyncError(thrown);
  return { state: error.category === 'cancelled' ? 'cancelled' : 'failed', error: errorReport(error), at };
}

/** A snapshot that agrees with how the job ended: unchanged where the job's own last word said so already. */
export function finalSnapshot(last: ProgressSnapshot | null, outcome: JobOutcome): ProgressSnapshot | null {
  if (last === null || last.state === outcome.state) return last;
  return {
    ...last,
    state: outcome.state,
    sequence: last.sequence + 1,
    updatedAt: outcome.at,
    percent: outcome.state === 'done' ? 100 : last.percent,
    bytesPerSecond: null,
    rowsPerSecond: null,
    etaSeconds: null,
    error: outcome.state === 'done' ? null : outcome.error,
    message: outcome.state === 'done' ? 'Done.' : outcome.error.message,
  };
}
