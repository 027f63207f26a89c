import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { privateDirectory, readFileIfAny, storageError, writeFileDurably } from '../../dump/files.ts';
import { removePartialsBeside } from '../../dump/store.ts';
import { errorCatalogue } from '../../errors/catalogue.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { ErrorReport } from '../../errors/sync-error.ts';
import { idPattern } from '../../lib/ids.ts';
import type { JobKind, JobState } from '../../progress/progress.ts';
import { jobRequestSchema } from '../contract/requests.ts';
import type { JobRequest } from '../contract/requests.ts';
import type { Receipt, VerifyReceipt } from '../contract/receipts.ts';
import { triggerSchema } from '../contract/trigger.ts';
import type { Trigger } from '../contract/trigger.ts';

/** What is known of a job after it ran, on disk: what `rollback` and lists read without a queue. */
export interface JobRecord {
  readonly version: 1;
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly source: string | null;
  readonly target: string | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly receipt: Receipt | VerifyReceipt | null;
  readonly error: ErrorReport | null;
  /** Set once its effect was undone, to the id of the undoing job. */
  readonly undoneBy: string | null;
  /**
   * Of a job that was asked for through a queue, which may lose it (src/jobs/asked-jobs.ts): which queue, what, by
   * whom, and by what, where that was not a person.
   */
  readonly asked?:
    | {
        readonly queue: string;
        readonly request: JobRequest;
        readonly actor?: string | undefined;
        readonly trigger?: Trigger | undefined;
      }
    | undefined;
}

type Directories = Pick<Config, 'directories'>;

const directoryOf = (config: Directories): string => join(config.directories.data, 'jobs');

export async function writeJobRecord(config: Directories, record: JobRecord): Promise<void> {
  await writeFileDurably(await pathFor(config, record), JSON.stringify(record));
}

/** Removes what was left beside the record of a job that is known to be dead, and was killed while it wrote it. */
export async function removeUnfinishedRecords(config: Directories, id: string): Promise<void> {
  await removePartialsBeside(join(directoryOf(config), `${id}.json`));
}

/** Removes the record of a job that has not begun. */
export async function removeQueuedRecord(config: Directories, id: string): Promise<void> {
  const record = await readableJobRecord(config, id);
  if (record?.state === 'queued') await rm(await pathFor(config, record), { force: true });
}

async function pathFor(config: Directories, { id }: JobRecord): Promise<string> {
  await privateDirectory(config.directories.data);
  await privateDirectory(directoryOf(config));
  return join(directoryOf(config), `${id}.json`);
}

/** What every reader relies on; a receipt is as its job wrote it. */
const recordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  source: z.string().nullable(),
  target: z.string().nullable(),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  receipt: z.looseObject({ type: z.enum(['receipt', 'verify']) }).nullable(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  undoneBy: z.string().nullable(),
  asked: z
    .object({
      queue: z.string(),
      request: jobRequestSchema,
      actor: z.string().optional(),
      trigger: triggerSchema.optional(),
    })
    .optional()
    .catch(undefined),
});

/** Null if there is no such job, or the id is not an id. STORAGE_RECORD_DAMAGED if it cannot be read. */
export async function readJobRecord(config: Directories, id: string): Promise<JobRecord | null> {
  if (!idPattern.test(id)) return null;
  const text = await readFileIfAny(join(directoryOf(config), `${id}.json`));
  if (text === null) return null;
  try {
    const record = recordSchema.parse(JSON.parse(text));
    if (record.id !== id) throw new Error(`the record of another job`);
    return record as unknown as JobRecord;
  } catch (error) {
    throw new SyncError(
      'STORAGE_RECORD_DAMAGED',
      `The record of job "${id}" (jobs/${id}.json in the data directory) cannot be read: it is cut off, or ` +
        'somebody changed it.',
      { cause: error, details: { job: id } },
    );
  }
}

/** As `readJobRecord`; null also for one that is damaged, where it is about to be written anew. */
export async function readableJobRecord(config: Directories, id: string): Promise<JobRecord | null> {
  return readJobRecord(config, id).catch((error: unknown) => {
    if (error instanceof SyncError && error.code === 'STORAGE_RECORD_DAMAGED') return null;
    throw error;
  });
}

/** Ends that are told of an attempt, after which the job is tried again. */
const triedAgain: ReadonlySet<ErrorCode> = new Set(['JOB_WORKER_LOST', 'CONFLICT_TARGET_BUSY']);

/**
 * How a job has ended for good, as its record says; null where it may run. A queue that was away when the job ended
 * hands it out again, and what was told once stays so.
 */
export function endOf(record: JobRecord | null): Receipt | VerifyReceipt | SyncError | null {
  if (record?.state === 'done') return record.receipt;
  if (record?.error === null || (record?.state !== 'failed' && record?.state !== 'cancelled')) return null;
  const { code, message, hint, details } = record.error;
  // One that a later version wrote is told by that one.
  return triedAgain.has(code) || !Object.hasOwn(errorCatalogue, code)
    ? null
    : new SyncError(code, message, { hint, details });
}

/** The receipt of a job that is done already: a worker that died after the last step leaves it to another one. */
export async function finishedBefore(config: Directories, id: string): Promise<Receipt | null> {
  const record = await readableJobRecord(config, id);
  return record?.state === 'done' && record.receipt?.type === 'receipt' ? record.receipt : null;
}

/** Every job of a target in this data directory, in no order. A record that cannot be read is skipped. */
export async function jobRecordsOf(config: Directories, target: string): Promise<readonly JobRecord[]> {
  return jobRecords(config, (record) => record.target === target);
}

/** The same of all jobs that `wanted` picks. */
export async function jobRecords(
  config: Directories,
  wanted: (record: JobRecord) => boolean,
): Promise<readonly JobRecord[]> {
  let names: string[];
  try {
    names = (await readdir(directoryOf(config))).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw storageError(error, 'Listing the jobs’ records');
  }
  const found: JobRecord[] = [];
  for (const name of names) {
    const record = await readJobRecord(config, name.slice(0, -'.json'.length)).catch(() => null);
    if (record !== null && wanted(record)) found.push(record);
  }
  return found;
}
