import type { Readable } from 'node:stream';
import type { Config } from '../config/config.ts';
import type { Manifest } from '../dump/manifest.ts';
import type { DumpSummary } from '../dump/store.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import type { JobEvent, JobKind, JobState, LogLevel, ProgressSnapshot } from '../progress/progress.ts';
import type { JobRequest } from '../sync/job-request.ts';
import type { ImportMode, Receipt, VerifyReceipt } from '../sync/verbs.ts';

/** What a request waits with: aborted when the client is gone or the service stops. */
export interface Waiting {
  readonly signal: AbortSignal;
}

/** A job as it can be shown to anyone with the key. */
export interface JobView {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  /** What was asked: names and ids only. */
  readonly request: JobRequest;
  readonly source: string | null;
  readonly target: string | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Runs so far; 0 while it waits for its first. */
  readonly attempts: number;
  /** The latest snapshot; null before the first. */
  readonly progress: ProgressSnapshot | null;
  readonly result: Receipt | VerifyReceipt | null;
  readonly error: ErrorReport | null;
}

export interface JobFilter {
  readonly state?: JobState | undefined;
  readonly kind?: JobKind | undefined;
  /** Source or target. */
  readonly environment?: string | undefined;
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly JobView[];
  readonly nextCursor: string | null;
}

export interface JobLogLine {
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** The queue (src/jobs). Every call may throw QUEUE_UNAVAILABLE; those with an id USAGE_NOT_FOUND. */
export interface JobsPort {
  add(request: JobRequest): Promise<JobView>;
  get(id: string): Promise<JobView>;
  list(filter: JobFilter): Promise<JobPage>;
  logs(id: string): Promise<readonly JobLogLine[]>;
  /** Asks the job to stop. Throws CONFLICT_STATE when it has ended. */
  cancel(id: string): Promise<JobView>;
  /** Puts a failed or cancelled job back. Throws CONFLICT_STATE otherwise. */
  retry(id: string): Promise<JobView>;
  /** Calls `listener` with each event of the job from now on; the answer ends that. */
  subscribe(id: string, listener: (event: JobEvent) => void): Promise<() => Promise<void>>;
  countByState(): Promise<Readonly<Record<JobState, number>>>;
  /** Resolves when the queue answers. */
  ping(): Promise<void>;
}

/** A dump's file, opened for reading; the caller reads the stream to its end or destroys it. */
export interface OpenDumpFile {
  readonly summary: DumpSummary;
  readonly fileName: string;
  readonly stream: Readable;
}

/** The catalogue of dumps (src/dump/store.ts). Those with an id throw STORAGE_DUMP_UNKNOWN. */
export interface DumpsPort {
  /** Newest first. */
  list(): Promise<readonly DumpSummary[]>;
  get(id: string): Promise<{ readonly summary: DumpSummary; readonly manifest: Manifest }>;
  open(id: string): Promise<OpenDumpFile>;
  /** Throws STORAGE_DUMP_BUSY while a job reads it. */
  remove(id: string): Promise<void>;
}

export interface PlanInput {
  readonly source: string;
  readonly target: string;
  readonly mode?: ImportMode | undefined;
  readonly backup?: 'file' | 'kept' | undefined;
  readonly search?: boolean | undefined;
  readonly owners?: boolean | undefined;
  readonly privileges?: boolean | undefined;
}

/** Everything the HTTP interface stands on. */
export interface HttpDeps {
  readonly config: Pick<Config, 'environments' | 'http'>;
  readonly version: string;
  readonly jobs: JobsPort;
  readonly dumps: DumpsPort;
  /** Reads both ends and changes nothing; answers plain JSON. */
  readonly plan: (input: PlanInput, options: Waiting) => Promise<object>;
  /** Connects to an environment’s database and search; answers plain JSON, failures of either included. */
  readonly testEnvironment: (name: string, options: Waiting) => Promise<object>;
  /** True from the first signal on: nothing new is started. */
  readonly isStopping: () => boolean;
}
