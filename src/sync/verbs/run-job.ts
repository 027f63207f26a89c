import { asSyncError, errorReport, SyncError } from '../../errors/sync-error.ts';
import type { ErrorReport } from '../../errors/sync-error.ts';
import type { JobEvent, JobKind, JobState } from '../../progress/progress.ts';
import { createTracker } from '../../progress/tracker.ts';
import type { Tracker } from '../../progress/tracker.ts';
import { dumpsRead } from '../dumps/dump-uses.ts';
import { exportEnvironment } from './export.ts';
import { importIntoEnvironment } from './import.ts';
import { isGivenUp } from '../contract/given-up.ts';
import type { Run } from '../contract/run.ts';
import type { Inputs } from '../contract/inputs.ts';
import { allowsUntried, requestEnds, sentenceOf, writtenTarget } from '../contract/requests.ts';
import type { LocalJobRequest } from '../contract/requests.ts';
import { runIdOf } from '../journal/run-id.ts';
import { Journal } from '../journal/journal.ts';
import { thisProcess } from '../journal/living.ts';
import { endOf, readableJobRecord, writeJobRecord } from '../journal/records.ts';
import type { JobRecord } from '../journal/records.ts';
import { retireRecords } from '../journal/retire.ts';
import { rehearseRestore } from './rehearse.ts';
import { rollbackJob } from './rollback.ts';
import { syncEnvironments } from './sync.ts';
import { recoverReaders } from '../recover/recover-readers.ts';
import { settleDeadAttempt } from '../recover/settle-dead-attempt.ts';
import { connectAs } from '../ends/connect.ts';
import { withUntriedServers } from '../ends/tried-servers.ts';
import { rebuildSearch } from './typesense.ts';
import type { VerbDeps } from '../contract/run.ts';
import type { Receipt, VerifyReceipt } from '../contract/receipts.ts';
import { verifyEnvironments } from './verify.ts';

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
  const { jobId, signal, emit } = options;
  const startedAt = deps.now();
  const ends = requestEnds(request);
  let opened: Journal | null = null;
  const tracker = createTracker({ jobId, kind: request.kind, ...ends, now: deps.now, emit });
  const before = await readableJobRecord(deps.config, jobId);
  const ended = endOf(before);
  if (ended instanceof SyncError) {
    tracker.finish(stateAfter(ended), { message: ended.message, error: errorReport(ended) });
    throw ended;
  }
  const done = <T extends Receipt | VerifyReceipt>(receipt: T): T => {
    tracker.finish('done', { message: sentenceOf(receipt) });
    return receipt;
  };
  if (ended !== null) return done(ended);
  const record = recorder(deps, request, { jobId, startedAt, asked: before?.asked });
  tracker.setState('running', 'Starting');
  const onAbort = (): void => tracker.setState('cancelling', 'Cancelling');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const settled = signal.aborted ? await settleDeadAttempt(deps, ends.target, jobId, tracker) : null;
    if (settled !== null) return done(settled);
    signal.throwIfAborted();
    await record('running', null, null);
    const journal = await Journal.begin(deps.config, jobId, startedAt);
    opened = journal;
    await begin(deps, request, journal, tracker);
    const receipt = await runVerb(
      {
        ...deps,
        config: withUntriedServers(deps.config, allowsUntried(request)),
        id: jobId,
        attempt: runIdOf(jobId, startedAt),
        connect: connectAs(jobId),
        journal,
        report: tracker,
        signal,
      },
      request,
    );
    const timed =
      receipt.type === 'receipt' ? { ...receipt, steps: stepTimes(tracker, deps.now()) } : receipt;
    await recordSuccess(journal, tracker, () => record('done', timed, null));
    return done(timed);
  } catch (thrown) {
    const error = asSyncError(thrown);
    const state = stateAfter(error);
    const effect = opened?.effect ?? null;
    // The record is now that of the run which has the job. It finds by the journal what this one has changed.
    const isOthers = isGivenUp(error);
    if (isOthers && effect !== null) opened?.leaveOpen();
    await recordFailure(opened, tracker, async () => {
      if (!isOthers) await record(state, effect, errorReport(error));
    });
    tracker.finish(state, { message: error.message, error: errorReport(error) });
    throw error;
  } finally {
    await opened?.[Symbol.asyncDispose]();
    signal.removeEventListener('abort', onAbort);
  }
}

type RecordJob = (
  state: JobState,
  receipt: Receipt | VerifyReceipt | null,
  error: ErrorReport | null,
) => Promise<void>;

/** Writes the record of this attempt, with what a queue knows of the job. */
function recorder(
  { config, now }: VerbDeps,
  request: LocalJobRequest,
  {
    jobId,
    startedAt,
    asked,
  }: { readonly jobId: string; readonly startedAt: number; readonly asked: JobRecord['asked'] },
): RecordJob {
  return (state, receipt, error) =>
    writeJobRecord(config, {
      version: 1,
      id: jobId,
      kind: request.kind,
      state,
      ...requestEnds(request),
      startedAt,
      finishedAt: state === 'running' ? null : now(),
      receipt,
      error,
      undoneBy: null,
      ...(asked === undefined ? {} : { asked }),
    });
}

/** The first line of an attempt's journal, and what dead runs that only read have left. */
async function begin(
  { config, now }: VerbDeps,
  request: LocalJobRequest,
  journal: Journal,
  tracker: Tracker,
): Promise<void> {
  await journal.write({
    entry: 'started',
    // A verb that only reads leaves nothing to clear up in a target.
    target: writtenTarget(request),
    source: requestEnds(request).source,
    kind: request.kind,
    process: await thisProcess(),
    reads: [...(await dumpsRead(config, request))],
  });
  const left = [
    ...(await recoverReaders({ config, now }, journal.name)),
    ...(await retireRecords(config, now())),
  ];
  for (const sentence of left) tracker.log('warn', sentence);
}

function stateAfter({ category }: SyncError): 'failed' | 'cancelled' {
  return category === 'cancelled' ? 'cancelled' : 'failed';
}

const verbs: {
  readonly [K in JobKind]: (run: Run, input: Inputs[K]) => Promise<Receipt | VerifyReceipt>;
} = {
  export: exportEnvironment,
  import: importIntoEnvironment,
  sync: syncEnvironments,
  typesense: rebuildSearch,
  rollback: rollbackJob,
  verify: verifyEnvironments,
  rehearsal: rehearseRestore,
};

function runVerb<K extends JobKind>(
  run: Run,
  { kind, input }: LocalJobRequest<K>,
): Promise<Receipt | VerifyReceipt> {
  return verbs[kind](run, input);
}

/**
 * The job is done even if its record cannot be written: then the journal stays open, and the next run writes the
 * record.
 */
async function recordSuccess(journal: Journal, tracker: Tracker, record: () => Promise<void>): Promise<void> {
  try {
    await record();
    if (!journal.leftOpen) await journal.write({ entry: 'ended', state: 'done' });
  } catch (error) {
    tracker.log('error', 'The result could not be recorded in the data directory.', {
      reason: asSyncError(error).message,
    });
  }
}

/**
 * The caller must hear of the failure itself, even if it cannot be recorded. A run that could not clear up after
 * itself leaves its journal open for the next one.
 */
async function recordFailure(
  journal: Journal | null,
  tracker: Tracker,
  record: () => Promise<void>,
): Promise<void> {
  try {
    await record();
    if (journal === null || journal.leftOpen) return;
    await journal.write({ entry: 'ended', state: 'failed' });
  } catch (error) {
    tracker.log('error', 'The failure could not be recorded in the data directory.', {
      reason: asSyncError(error).message,
    });
  }
}

function stepTimes(tracker: Tracker, now: number): Receipt['steps'] {
  return tracker.snapshot().steps.map(({ title, durationMs, startedAt, state }) => ({
    step: title,
    seconds: (durationMs ?? (state === 'running' && startedAt !== null ? now - startedAt : 0)) / 1000,
  }));
}
