import type { MaskingTold } from '../../masks/told.ts';
import type { Difference } from '../../catalog/difference.ts';
import type { ErrorReport } from '../../errors/sync-error.ts';
import type { Mode } from '../../plan/modes.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import type { BackupChoice, SyncInput } from './inputs.ts';

/** A plan asks for nothing that its sync does not, except how it counts rows. */
export type PlanInput = Omit<SyncInput, 'confirm'> & {
  /** Rows as the servers' statistics guess them; otherwise they are compared, which reads every table once or twice. */
  readonly estimate?: boolean | undefined;
};

/** What happens to the rows of a table, exactly. */
export interface PlannedRows {
  readonly insert: number;
  /** Rows with the same primary key and another content. Without a primary key there are none. */
  readonly update: number;
  readonly delete: number;
  /** Rows that both sides have alike, and those that a policy keeps. */
  readonly keep: number;
}

export interface PlannedTable {
  /** As the target will have it. */
  readonly table: string;
  /** `copy`: the source's rows. `keep`: the target's. `empty`: none. */
  readonly action: 'copy' | 'keep' | 'empty';
  /** From the servers' statistics, guesses, where `rows` is null. Null where the table does not exist. */
  readonly sourceRows: number | null;
  readonly targetRows: number | null;
  /** In the source, exact. */
  readonly bytes: number;
  /**
   * Null in an estimate, in a plan with something in its way, and where this role may not read the target's rows. A
   * partitioned table whose rows each server spreads in its own way has them at its first partition.
   */
  readonly rows: PlannedRows | null;
}

/** Large objects have no names: how many there are, and what happens to them together. */
export interface PlannedLargeObjects {
  readonly action: PlannedTable['action'];
  readonly sourceObjects: number;
  readonly targetObjects: number;
  /** On the source's disk, exact. */
  readonly bytes: number;
}

/** What a sync does with one collection of the search. */
export interface PlannedCollection {
  readonly name: string;
  /** Exact where `changes` are known. */
  readonly documentsEstimated: number;
  /** Documents that appear, change and vanish; absent where they were not compared. */
  readonly changes?: {
    readonly add: number;
    readonly change: number;
    readonly remove: number;
    /** Fields that another program wrote into the live documents: they go. */
    readonly lost: readonly string[];
  };
}

/** What a sync would do; made by reading both ends and changing neither. */
export interface Plan {
  readonly type: 'plan';
  readonly source: string;
  readonly target: string;
  readonly mode: Mode | null;
  readonly modeReason: string | null;
  readonly backup: BackupChoice;
  /** What is left for an undo, in words. */
  readonly safety: string;
  /** Whether the target is protected: then every interface asks for its name. */
  readonly protected: boolean;
  /** Where the schema of the application's tables gets another name; null where it has the same on both ends. */
  readonly schemas: SchemaNames | null;
  readonly tables: readonly PlannedTable[];
  /** Null where neither end has any. */
  readonly largeObjects: PlannedLargeObjects | null;
  /**
   * Objects of the target that appear, vanish or change. Null where that hangs on what is in the way, and cannot be
   * told.
   */
  readonly differences: readonly Difference[] | null;
  readonly collections: readonly PlannedCollection[];
  /** Sessions that it would open at most, at the same time, with the workers that are set. */
  readonly connections: { readonly source: number; readonly target: number };
  /** Sessions that would be ended at the switch; none where the mode ends none. */
  readonly sessions: readonly { readonly pid: number; readonly role: string; readonly application: string }[];
  /** Room the target server needs beside what it has, bytes, until the undo time is over. */
  readonly targetBytesNeeded: number;
  /** Room in the dump directories, bytes, before compression. */
  readonly dumpBytesNeeded: number;
  /** What masks and filters do to what is read; null for nothing. */
  readonly masking: MaskingTold | null;
  /** Identities of objects that the options leave out. */
  readonly leftOut: readonly string[];
  readonly warnings: readonly string[];
  /** Why it would fail; a plan with any of these does not run. */
  readonly blockers: readonly ErrorReport[];
}
