import type { ErrorReport } from '../errors/sync-error.ts';

/** What a person starts. */
export type JobKind = 'export' | 'import' | 'sync' | 'typesense' | 'rollback' | 'verify' | 'rehearsal';

export type JobState = 'queued' | 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled';

/** The steps a job may have; what order they come in, the job says. */
export const stepTitles = {
  recover: 'Open the target',
  check: 'Check both ends',
  export: 'Read the source',
  compare: 'Find the rows that differ',
  backup: 'Write the safety copy',
  readback: 'Read the dump back',
  inspect: 'Check the dump',
  prepare: 'Prepare the new database',
  load: 'Load rows',
  build: 'Build indexes and constraints',
  keep: 'Carry kept rows over',
  verify: 'Verify every table',
  'search-build': 'Build the search collections',
  switch: 'Make it live',
  'search-switch': 'Move the search aliases',
  clean: 'Clean up',
} as const;

export type StepId = keyof typeof stepTitles;

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface StepProgress {
  readonly id: StepId;
  readonly title: string;
  readonly state: StepState;
  /** Epoch milliseconds. */
  readonly startedAt: number | null;
  readonly durationMs: number | null;
}

/** A table (or collection) that is being worked on now, or has been. */
export interface ItemProgress {
  readonly name: string;
  readonly state: 'active' | 'done';
  readonly rows: number;
  readonly rowsEstimated: number | null;
  readonly bytes: number;
  readonly bytesEstimated: number | null;
}

/**
 * The whole state of a job at one moment, never a delta: whoever sees only the last one knows everything.
 * Sent at most 4 times a second, and at each change of step or state.
 */
export interface ProgressSnapshot {
  readonly jobId: string;
  readonly kind: JobKind;
  readonly state: JobState;
  /** Grows by one with each snapshot of a job. */
  readonly sequence: number;
  /** Epoch milliseconds. */
  readonly startedAt: number | null;
  readonly updatedAt: number;
  readonly source: string | null;
  readonly target: string | null;
  readonly steps: readonly StepProgress[];
  /** Of the running step: active ones first, at most 200; `itemsDone`/`itemsTotal` count all. */
  readonly items: readonly ItemProgress[];
  readonly itemsDone: number;
  readonly itemsTotal: number;
  /** Work of all steps, in bytes. */
  readonly bytesDone: number;
  readonly bytesEstimated: number;
  /** Rows of the running step. */
  readonly rowsDone: number;
  readonly rowsEstimated: number | null;
  /** 0 to 100, by bytes, one decimal, never falling; 100 only in state `done`. */
  readonly percent: number;
  /** Smoothed; null before there is one. */
  readonly bytesPerSecond: number | null;
  readonly rowsPerSecond: number | null;
  /** Null before 10 s and 3 %, and when it cannot be said. */
  readonly etaSeconds: number | null;
  /** One sentence for people about what is going on, or how it ended. */
  readonly message: string;
  readonly error: ErrorReport | null;
}

export type LogLevel = 'info' | 'warn' | 'error';

/** What a running job emits; the same over SSE, socket.io, `--json` and the journal. */
export type JobEvent =
  | { readonly type: 'progress'; readonly progress: ProgressSnapshot }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly at: number;
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number | boolean | null>>;
    };

/**
 * How the verbs tell what they do. Calls are cheap (no I/O, no allocation per row): a verb reports per chunk of bytes.
 * Estimates are bytes of work: a step's own total, refined whenever it is known better.
 */
export interface Reporter {
  /** Declares the steps of this job in order, with each step's expected share of the work in bytes. */
  plan(steps: readonly { readonly id: StepId; readonly bytes: number }[]): void;
  /** Corrects a step's expected bytes (never below what is done). */
  estimate(step: StepId, bytes: number, rows?: number | null, items?: number): void;
  /** Starts a step; the one before it is done. */
  step(step: StepId, message?: string): void;
  itemStarted(
    name: string,
    expected?: { readonly rows?: number | null; readonly bytes?: number | null },
  ): void;
  /** Adds work done on an item (created on first mention). */
  itemAdvanced(name: string, rows: number, bytes: number): void;
  itemDone(name: string): void;
  log(
    level: LogLevel,
    message: string,
    fields?: Readonly<Record<string, string | number | boolean | null>>,
  ): void;
}
