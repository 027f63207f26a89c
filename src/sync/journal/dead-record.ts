import type { Config } from '../../config/config.ts';
import { errorReport, SyncError } from '../../errors/sync-error.ts';
import type { JobKind } from '../../progress/progress.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { UnfinishedJournal } from './journal.ts';
import { readableJobRecord, removeUnfinishedRecords, writeJobRecord } from './records.ts';
import type { JobRecord } from './records.ts';

type Directories = Pick<Config, 'directories'>;

/** What a dead run changed for good, as its journal says. */
export interface DeadOutcome {
  readonly receipt: Receipt;
  /** The job that it undid. */
  readonly undoes: string | null;
}

/** The dead run did its work: its record says so, with the receipt it had ready, so that it can be undone. */
export async function recordDone(
  config: Directories,
  journal: UnfinishedJournal,
  { receipt, undoes }: DeadOutcome,
  now: number,
): Promise<void> {
  const record = await recordOf(config, journal, receipt);
  await writeJobRecord(config, { ...record, state: 'done', finishedAt: now, receipt, error: null });
  const undone = undoes === null ? null : await readableJobRecord(config, undoes);
  if (undone !== null) await writeJobRecord(config, { ...undone, undoneBy: journal.jobId });
}

/** The dead run came to nothing. `consequence` ends the sentence about it. */
export async function recordDead(
  config: Directories,
  journal: UnfinishedJournal,
  consequence: string,
  now: number,
): Promise<void> {
  const record = await recordOf(config, journal, null);
  if (record.state !== 'running') return;
  const error = new SyncError('JOB_WORKER_LOST', `Job "${journal.jobId}" died; ${consequence}.`);
  await writeJobRecord(config, { ...record, state: 'failed', finishedAt: now, error: errorReport(error) });
}

/** The record, without what was left beside it; where it is gone or cannot be read, what the journal knows of it. */
async function recordOf(
  config: Directories,
  { jobId, at, entries }: UnfinishedJournal,
  receipt: Receipt | null,
): Promise<JobRecord> {
  await removeUnfinishedRecords(config, jobId);
  const record = await readableJobRecord(config, jobId);
  if (record !== null) return record;
  const started = entries.find((line) => line.entry === 'started');
  return {
    version: 1,
    id: jobId,
    kind: (receipt?.kind ?? started?.kind ?? 'sync') as JobKind,
    state: 'running',
    source: receipt?.source ?? started?.source ?? null,
    target: receipt?.target ?? started?.target ?? null,
    startedAt: at,
    finishedAt: null,
    receipt: null,
    error: null,
    undoneBy: null,
  };
}
