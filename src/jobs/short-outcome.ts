import type { ErrorReport } from '../errors/sync-error.ts';
import type { ProgressSnapshot } from '../progress/progress.ts';
import type { JobOutcome, JobReceipt } from './job-status.ts';
import { shorten } from './shorten.ts';

/** What the queue keeps of one receipt, one error and one last snapshot, each as JSON. */
const receiptBytesMax = 16 * 1024;
const errorBytesMax = 4 * 1024;
const snapshotBytesMax = 12 * 1024;

/**
 * An outcome as the queue stores it: hundreds of them must fit a small Redis. A receipt of a few dozen tables stays
 * whole; of a larger one lists are cut, and it says so. Keys of rows that differ (an e-mail address may be one) are
 * left out in any case: whoever may read the queue may not read the databases. The job's record in the data directory
 * has all of it.
 */
export function shortOutcome(outcome: JobOutcome): JobOutcome {
  if (outcome.state !== 'done') {
    const error = shortError(outcome.error);
    return error === outcome.error ? outcome : { ...outcome, error, shortened: true };
  }
  const keyless = withoutKeys(outcome.receipt);
  const receipt = shorten(keyless, receiptBytesMax);
  if (receipt === outcome.receipt) return outcome;
  return { ...outcome, receipt: saysSo(receipt, outcome.receipt), shortened: true };
}

function shortError(error: ErrorReport): ErrorReport {
  return shorten(error, errorBytesMax);
}

/** The last snapshot of a job that has ended: tables in flight are of no use any more. */
export function shortSnapshot(snapshot: ProgressSnapshot): ProgressSnapshot {
  const error = snapshot.error === null ? null : shortError(snapshot.error);
  return shorten({ ...snapshot, items: snapshot.items.slice(0, 20), error }, snapshotBytesMax);
}

function withoutKeys(receipt: JobReceipt): JobReceipt {
  if (receipt.type !== 'verify' || receipt.tables.every(({ differingKeys }) => differingKeys.length === 0))
    return receipt;
  return { ...receipt, tables: receipt.tables.map((table) => ({ ...table, differingKeys: [] })) };
}

function saysSo(receipt: JobReceipt, whole: JobReceipt): JobReceipt {
  const words =
    `This receipt is cut: it names ${receipt.tables.length} of ${whole.tables.length} tables, and no keys ` +
    'of rows. The whole one is in the job’s record in the data directory of its worker.';
  return receipt.type === 'verify'
    ? { ...receipt, notCompared: [...receipt.notCompared, words] }
    : { ...receipt, warnings: [...receipt.warnings, words] };
}
