import type { Config } from '../../config/config.ts';
import type { DatabaseUrl } from '../../environments/database-url.ts';
import type { Secret } from '../../lib/secret.ts';
import type { Side } from '../../postgres/conditions.ts';
import type { Database } from '../../postgres/database.ts';
import type { Access } from '../../postgres/session-settings.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { Receipt } from './receipts.ts';

/** A database that somebody works on: where it is, and at which end, which says whose fault an error is. */
export interface End {
  readonly side: Side;
  readonly url: DatabaseUrl;
}

/** What its sessions may do, and how many there are at most. Opens no connection before it is asked for one. */
export type Connect = (
  end: End,
  how: {
    readonly access: Access;
    readonly connections: number;
    /** Settings of its sessions that nobody else is to see. */
    readonly secrets?: ReadonlyMap<string, Secret> | undefined;
  },
) => Database;

/** Who asks servers something: a run, or somebody who only looks (ends/connect.ts makes `connect`). */
export interface Asker {
  /** Of the job; the lists of servers show its sessions under this. */
  readonly id: string;
  readonly signal: AbortSignal;
  readonly connect: Connect;
}

/** What every verb is given besides its input. */
export interface VerbDeps {
  readonly config: Config;
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
  /** Dumps that jobs of the queue need; nothing where there is no queue. */
  readonly dumpsOfJobs?: (() => Promise<ReadonlyMap<string, string>>) | undefined;
}

/** What looks at both ends and changes neither: a plan, and the checks of a run. */
export interface Inspection extends VerbDeps, Asker {}

/** A run's journal, as those see it who work for the run (journal/journal.ts). */
export interface RunJournal {
  /** Its file's name: no path, no secret. */
  readonly name: string;
  readonly leftOpen: boolean;
  write(entry: JournalEntry): Promise<void>;
  note(entry: JournalEntry): Promise<void>;
  leaveOpen(): void;
  keepEffect(receipt: Receipt | null): void;
}

/** What works while a job runs (verbs/run-job.ts makes it). */
export interface Run extends Inspection {
  /** Lower case letters and digits, new for each attempt at a job: the end of names of what it creates. */
  readonly attempt: string;
  readonly journal: RunJournal;
  readonly report: Reporter;
}
