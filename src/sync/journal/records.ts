import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { privateDirectory, readFileIfAny, writeFileDurably } from '../../dump/files.ts';
import type { ErrorReport } from '../../errors/sync-error.ts';
import type { JobKind, JobState } from '../../progress/progress.ts';
import type { Receipt, VerifyReceipt } from '../verbs.ts';

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
const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

export async function writeJobRecord(config: Directories, record: JobRecord): Promise<void> {
  await privateDirectory(config.directories.data);
  await privateDirectory(directoryOf(config));
  await writeFileDurably(join(directoryOf(config), `${record.id}.json`), JSON.stringify(record));
}

/** Null when there is no such job, or its id is none. */
export async function readJobRecord(config: Directories, id: string): Promise<JobRecord | null> {
  if (!idPattern.test(id)) return null;
  const text = await readFileIfAny(join(directoryOf(config), `${id}.json`));
  return text === null ? null : (JSON.parse(text) as JobRecord);
}

/** The receipt of a job that is done already: a worker that died after the last step leaves it to another one. */
export async function finishedBefore(config: Directories, id: string): Promise<Receipt | null> {
  const record = await readJobRecord(config, id);
  return record?.state === 'done' && record.receipt?.type === 'receipt' ? record.receipt : null;
}
