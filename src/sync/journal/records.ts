import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { privateDirectory, readFileIfAny, storageError, writeFileDurably } from '../../dump/files.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { ErrorReport } from '../../errors/sync-error.ts';
import { idPattern } from '../../lib/ids.ts';
import type { JobKind, JobState } from '../../progress/progress.ts';
import type { Receipt, VerifyReceipt } from '../contract/receipts.ts';

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
}

type Directories = Pick<Config, 'directories'>;

const directoryOf = (config: Directories): string => join(config.directories.data, 'jobs');

export async function writeJobRecord(config: Directories, record: JobRecord): Promise<void> {
  await privateDirectory(config.directories.data);
  await privateDirectory(directoryOf(config));
  await writeFileDurably(join(directoryOf(config), `${record.id}.json`), JSON.stringify(record));
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
