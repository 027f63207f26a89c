import type { RunQueuedJob } from '../../src/jobs/active-run.ts';
import type { ProgressSnapshot } from '../../src/progress/progress.ts';
import { sentenceOf } from '../../src/sync/contract/requests.ts';
import type { JobRequest } from '../../src/sync/contract/requests.ts';
import type { Receipt, VerifyReceipt } from '../../src/sync/contract/receipts.ts';

/** A job that does what the test says, step by step. */
export interface ScriptedJob {
  readonly jobId: string;
  readonly request: JobRequest;
  progress(percent: number, message?: string): void;
  log(message: string): void;
  finish(): void;
  fail(error: unknown): void;
}

export interface ScriptedRun {
  readonly run: RunQueuedJob;
  /** The next job that starts. */
  next(): Promise<ScriptedJob>;
}

/** Stands in the place of `runJob`: cancels cleanly, and otherwise waits for the test. */
export function scriptedRun(): ScriptedRun {
  const started: ScriptedJob[] = [];
  const waiting: ((job: ScriptedJob) => void)[] = [];
  const run: RunQueuedJob = (request, { jobId, signal, emit }) =>
    new Promise((resolve, reject) => {
      let snapshot = firstSnapshot(jobId, request);
      const change = (part: Partial<ProgressSnapshot>): void => {
        snapshot = { ...snapshot, ...part, sequence: snapshot.sequence + 1, updatedAt: Date.now() };
        emit({ type: 'progress', progress: snapshot });
      };
      const job: ScriptedJob = {
        jobId,
        request,
        progress: (percent, message = '') => {
          change({ percent, message });
        },
        log: (message) => {
          emit({ type: 'log', level: 'info', at: Date.now(), message, fields: { rows: 1 } });
        },
        finish: () => {
          const steps = snapshot.steps.map((step) => ({ ...step, state: 'done' as const, durationMs: 700 }));
          const done = receipt(jobId, request);
          change({ state: 'done', percent: 100, steps, message: sentenceOf(done) });
          resolve(done);
        },
        fail: reject,
      };
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      const taker = waiting.shift();
      if (taker === undefined) started.push(job);
      else taker(job);
    });
  return {
    run,
    next: () =>
      new Promise((resolve) => {
        const job = started.shift();
        if (job === undefined) waiting.push(resolve);
        else resolve(job);
      }),
  };
}

function firstSnapshot(jobId: string, { kind, input }: JobRequest): ProgressSnapshot {
  return {
    jobId,
    kind,
    state: 'running',
    sequence: 0,
    startedAt: Date.now(),
    updatedAt: Date.now(),
    source: 'source' in input ? input.source : null,
    target: 'target' in input ? input.target : null,
    steps: [
      { id: 'check', title: 'Check both ends', state: 'done', startedAt: Date.now() - 900, durationMs: 800 },
      { id: 'load', title: 'Load rows', state: 'running', startedAt: Date.now() - 100, durationMs: null },
      { id: 'verify', title: 'Verify every table', state: 'waiting', startedAt: null, durationMs: null },
    ],
    items: [
      {
        name: 'public.Part',
        state: 'active',
        rows: 12_345,
        rowsEstimated: 50_000,
        bytes: 3_400_000,
        bytesEstimated: 14_000_000,
      },
    ],
    itemsDone: 3,
    itemsTotal: 29,
    bytesDone: 4_200_000,
    bytesEstimated: 20_000_000,
    rowsDone: 20_000,
    rowsEstimated: 90_000,
    percent: 0,
    bytesPerSecond: 1_250_000,
    rowsPerSecond: 4_000,
    etaSeconds: 700,
    message: 'Loading rows',
    error: null,
  };
}

function receipt(jobId: string, { kind, input }: JobRequest): Receipt | VerifyReceipt {
  if (kind === 'verify') {
    const { left, right } = input;
    const found = { equal: true, tables: [], differences: [], notCompared: [] };
    return { type: 'verify', left, right, seconds: 12.3, ...found };
  }
  const startedAt = Date.now() - 12_300;
  return {
    type: 'receipt',
    jobId,
    kind,
    source: 'source' in input ? input.source : null,
    target: 'target' in input ? input.target : null,
    mode: 'replace',
    modeReason: 'The role may create databases.',
    startedAt,
    finishedAt: Date.now(),
    seconds: 12.3,
    rows: 62_345,
    tables: [
      { table: 'public.Part', rows: 50_000, content: 'source', digest: 'ab'.repeat(16), equal: true },
      { table: 'public.Profile', rows: 12_345, content: 'kept', digest: 'cd'.repeat(16), equal: true },
    ],
    sequences: 4,
    largeObjects: null,
    objects: 120,
    dump: null,
    backup: null,
    keptDatabase: 'staging_20261122_101532',
    collections: [
      {
        alias: 'parts',
        collection: 'parts__20261122_01',
        previous: null,
        documents: 50_000,
        verified: true,
        seconds: 3,
      },
    ],
    steps: [{ step: 'load', seconds: 9 }],
    warnings: [],
    schemas: null,
    leftOut: [],
    stayed: [],
  };
}
