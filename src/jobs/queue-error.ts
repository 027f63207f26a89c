import { UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import { errorCatalogue } from '../errors/catalogue.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import { UnreachableError } from '../lib/network/open-socket.ts';
import { serverFact, sqlState } from '../postgres/sqlstate.ts';

/** BullMQ's words for a job that stalled too often (docs/facts/bullmq.md#locks-and-stalled-jobs). */
const stalledReason = 'job stalled more than allowable limit';

/**
 * What went wrong with the queue's server, in words that hold no secret: which addresses were tried and what each
 * said, Node's error code, the SQLSTATE with its safe text, or Redis' own error word (`NOAUTH`, `WRONGPASS`,
 * `READONLY`, `LOADING` …).
 */
export function queueFact(error: unknown): string {
  if (sqlState(error) !== null) return serverFact(error);
  if (!(error instanceof Error)) return 'an unexpected error';
  for (let one: unknown = error; one instanceof Error; one = one.cause)
    if (one instanceof UnreachableError) return one.message;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  const redisWord = /^([A-Z]{3,})\b/.exec(error.message)?.[1];
  if (redisWord !== undefined) return redisWord;
  return 'the connection was lost';
}

/**
 * Any failure of a queue call as a `SyncError`; one of ours passes through. A number in `code` is BullMQ's own answer
 * about the job's state (`finished-errors.js`): our mistake, so INTERNAL.
 */
export function queueError(error: unknown, where: string): SyncError {
  if (error instanceof SyncError) return error;
  if (isQueueAnswer(error) || error instanceof TypeError || error instanceof RangeError) {
    return new SyncError('INTERNAL', 'The queue refused a step of a job.', { cause: error });
  }
  if (isFull(error))
    return new SyncError(
      'QUEUE_FULL',
      `The queue (${where}) is full (${queueFact(error)}) and takes nothing new.`,
      {
        cause: error,
      },
    );
  return new SyncError('QUEUE_UNAVAILABLE', `The queue (${where}) cannot be used: ${queueFact(error)}.`, {
    cause: error,
  });
}

/** Redis at its maxmemory; the disk of PostgreSQL. */
function isFull(error: unknown): boolean {
  if (sqlState(error) === '53100') return true;
  return error instanceof Error && /^OOM\b|OOM command not allowed/.test(error.message);
}

/** True for a queue that may take the same call later. */
export function isQueueAway(error: unknown): boolean {
  return error instanceof SyncError && (error.code === 'QUEUE_UNAVAILABLE' || error.code === 'QUEUE_FULL');
}

/** True for BullMQ's verdict on a job (missing, lock lost, in another state): trying again changes nothing. */
export function isQueueAnswer(error: unknown): boolean {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'number';
}

/**
 * The one place where a failure becomes BullMQ's: its text is the JSON of the report without the details, which stand
 * in the job's status, and what cannot succeed by running again is unrecoverable. (Jobs have one attempt; this holds
 * for whoever raises that.)
 */
export function toBullError(report: ErrorReport): Error {
  const text = JSON.stringify({ ...report, details: {} });
  return errorCatalogue[report.code].retry === 'never' ? new UnrecoverableError(text) : new Error(text);
}

const reportSchema = z.object({
  code: z.string().refine((code): code is ErrorCode => Object.hasOwn(errorCatalogue, code)),
  category: z.string(),
  message: z.string(),
  hint: z.string(),
  details: z.record(z.string(), z.unknown()),
});

/** BullMQ's `failedReason` as a report. Text that is not ours is not shown: it may be any driver's message. */
export function fromFailedReason(jobId: string, reason: string | undefined): ErrorReport {
  const { code, category, message, hint, details } = new SyncError(
    reason === stalledReason ? 'JOB_WORKER_LOST' : 'INTERNAL',
    reason === stalledReason
      ? `The worker of job ${jobId} died too often; the job is not tried again.`
      : `Job ${jobId} failed inside the queue.`,
  );
  let stored: unknown;
  try {
    stored = JSON.parse(reason ?? '');
  } catch {
    return { code, category, message, hint, details };
  }
  const parsed = reportSchema.safeParse(stored);
  return parsed.success ? (parsed.data as ErrorReport) : { code, category, message, hint, details };
}
