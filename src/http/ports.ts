import type { MaskSuggestions } from '../sync/verbs/suggest-masks.ts';
import type { Readable } from 'node:stream';
import type { AuditLog } from '../access/audit-log.ts';
import type { TokenStore } from '../access/tokens.ts';
import type { Config } from '../config/config.ts';
import type { Manifest } from '../dump/manifest.ts';
import type { DumpSummary } from '../dump/store.ts';
import type { JobEvents } from '../jobs/job-events.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { Notices } from '../notices/notices.ts';
import type { Schedules } from '../schedules/schedules.ts';
import type { Door } from './door.ts';
import type { DropKeptInput } from '../sync/verbs/drop-kept.ts';
import type { KeptDetails, KeptState, KeptStates } from '../sync/verbs/kept-states.ts';
import type { RehearsalState } from '../sync/verbs/rehearsals.ts';
import type { UndoOutlook } from '../sync/undo/undo-outlook.ts';
import type { EnvironmentTest } from '../sync/verbs/test-environment.ts';
import type { Plan, PlanInput } from '../sync/contract/plan.ts';

/** What a request waits with: aborted when the client is gone or the service stops. */
export interface Waiting {
  readonly signal: AbortSignal;
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
  /** Throws STORAGE_DUMP_BUSY while a job, or the undo of one, needs it. */
  remove(id: string): Promise<void>;
}

/** Former states of environments (src/sync/verbs/kept-states.ts). */
export interface KeptPort {
  list(environment: string | undefined, options: Waiting): Promise<KeptStates>;
  get(id: string, options: Waiting): Promise<KeptDetails>;
  drop(input: Omit<DropKeptInput, 'queued' | 'undone'>, options: Waiting): Promise<KeptState>;
}

/** What is known of the undo of jobs. */
export interface UndoPort {
  /** Before it is asked for: who undid the job, what overtook it, what is gone; null where it changed nothing. */
  readonly outlook: (jobId: string) => Promise<UndoOutlook | null>;
  /** The same of many jobs at once; without those that changed nothing. */
  readonly outlooks: (
    jobs: readonly { readonly id: string; readonly target: string | null }[],
    options: Waiting,
  ) => Promise<ReadonlyMap<string, UndoOutlook>>;
}

/** The process that serves. */
export interface ServiceState {
  readonly version: string;
  /** Resolves when the queue answers; else QUEUE_UNAVAILABLE. */
  readonly queueReady: () => Promise<void>;
  /** True from the first signal on: nothing new is started. */
  readonly isStopping: () => boolean;
}

/** Who is let in, and what may be changed about that. */
export interface AccessPort {
  readonly door: Door;
  readonly tokens: Pick<TokenStore, 'create' | 'list' | 'damaged' | 'revoke'>;
  readonly audit: AuditLog;
}

/** Everything the HTTP interface stands on. More than ten fields: one port for each thing that routes are about. */
export interface HttpDeps {
  readonly config: Pick<Config, 'environments'> & {
    readonly http: Pick<Config['http'], 'host' | 'port' | 'requestsPerMinute'>;
  };
  readonly access: AccessPort;
  readonly service: ServiceState;
  readonly jobs: JobQueue;
  readonly events: Pick<JobEvents, 'subscribe'>;
  readonly dumps: DumpsPort;
  readonly kept: KeptPort;
  readonly undo: UndoPort;
  readonly schedules: Omit<Schedules, 'definitions'>;
  readonly notices: Notices;
  /** What is known of whether dumps can be restored, with its words. */
  readonly rehearsals: () => Promise<readonly (RehearsalState & { readonly words: string })[]>;
  /** Reads both ends and changes nothing. */
  readonly plan: (input: PlanInput, options: Waiting) => Promise<Plan>;
  /** Columns of an environment that look personal and have no mask; asks its server, which tells no value. */
  readonly suggestMasks: (name: string, options: Waiting) => Promise<MaskSuggestions>;
  /** Connects to an environment’s database and search; answers plain JSON, failures of either included. */
  readonly testEnvironment: (name: string, options: Waiting) => Promise<EnvironmentTest>;
}
