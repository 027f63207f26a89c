import type { SeenTarget } from './seen-target.ts';
import type { SyncError } from '../../errors/sync-error.ts';
import type { Mode } from '../../plan/modes.ts';
import type { OrphanPolicies } from '../../plan/orphans.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import type { BackupChoice, ImportMode } from './inputs.ts';
import type { CollectionReceipt, DumpReceipt, Proved, Receipt } from './receipts.ts';

export interface ModeChoice {
  readonly mode: Mode;
  /** A sentence: why this mode. */
  readonly reason: string;
  /** What stands in the way of this mode at the moment. The mode stays the same; a run is refused meanwhile. */
  readonly inTheWay: SyncError | null;
}

/** What is asked of a run that replaces its target, with what the configuration says where the request does not. */
export interface Asked {
  readonly mode: ImportMode;
  readonly backup: BackupChoice;
  readonly search: boolean;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** True: the run goes on although the target's table of migrations differs from the dump's. */
  readonly ignoreMigrations: boolean;
  /** True: rows are read as they are, whatever masks and filters the source has. */
  readonly unmasked: boolean;
  readonly leaveOut: readonly string[];
  /** Role of the source → role of the target. */
  readonly roles: Readonly<Record<string, string>>;
  /** Of a merge: what becomes of kept rows whose parent goes. */
  readonly orphans: OrphanPolicies;
}

/**
 * A run that undoes another one. Kept rows lose columns that the dump does not have (the undo has checked that nothing
 * is lost), and what the run takes away need not be brought back.
 */
export interface Undoing {
  /** Identities of what stayed in the target in the undone run; it stays again. */
  readonly stays: readonly string[];
}

export interface ImportRunInput {
  readonly asked: Asked;
  /** What the dump calls the schema of the application's tables; its manifest says it when this does not. */
  readonly schema?: string | undefined;
  /** Of an undo. */
  readonly undoing?: Undoing | undefined;
  /** What the run saw of the target before; while that is recent, it is not looked at again. */
  readonly seen?: SeenTarget | undefined;
  /** The job's receipt as it will be when the switch has happened. */
  readonly receipt: (imported: Imported) => Receipt | null;
}

/** What a mode made of its target. */
export interface Loaded extends Proved {
  /** The database that was live until now; null where the mode keeps none. */
  readonly keptDatabase: string | null;
  /** The schema of the target that says what was put aside in it; only a switch has one. */
  readonly undoSchema?: string | null;
  /** What an undo would not restore as it was, a sentence each. */
  readonly undoLacks: readonly string[];
}

/** The same, with what the import knows besides. */
export interface Imported extends Loaded {
  readonly choice: ModeChoice;
  readonly objects: number;
  readonly sequences: number;
  readonly backup: DumpReceipt | null;
  /** After a replacement in place: the identity of the database. */
  readonly database: string | null;
  readonly collections: readonly CollectionReceipt[];
  readonly warnings: readonly string[];
  readonly schemas: SchemaNames | null;
  readonly leftOut: readonly string[];
  readonly stayed: readonly string[];
}
