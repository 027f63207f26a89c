import type { Difference } from '../../catalog/difference.ts';
import type { MaskingTold } from '../../masks/told.ts';
import type { Mode } from '../../plan/modes.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import type { JobKind } from '../../progress/progress.ts';

export interface DumpReceipt {
  readonly dumpId: string;
  readonly file: string;
  readonly manifest: string;
  readonly tables: number;
  readonly rows: number;
  /** As stored. */
  readonly bytes: number;
  readonly sha256: string;
  readonly seconds: number;
  /** Absent where its rows are as they were. */
  readonly masking?: MaskingTold;
}

export interface TableReceipt {
  readonly table: string;
  readonly rows: number;
  /** Where its rows came from. */
  readonly content: 'source' | 'kept' | 'empty';
  /** Hex of the digest both sides agreed on; null where nothing was compared (empty by policy). */
  readonly digest: string | null;
  readonly equal: boolean;
  /** After a merge: what happened to its rows; all others were left as they were. */
  readonly changed?: ChangedRows;
  /** After a merge: of the rows, those that only the target has and that stay, because kept rows refer to them. */
  readonly stays?: number;
}

export interface ChangedRows {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Large objects have no names: they are counted and compared together. */
export interface LargeObjectsReceipt {
  readonly objects: number;
  /** If they stayed where they were: their size on disk. */
  readonly bytes: number;
  readonly content: 'source' | 'kept' | 'empty';
  /** Hex of the digest of their contents that both sides agreed on; null where nothing was compared. */
  readonly digest: string | null;
  readonly equal: boolean;
}

/** What was loaded, and compared with where it came from. */
export interface Proved {
  readonly tables: readonly TableReceipt[];
  readonly largeObjects: LargeObjectsReceipt | null;
  /** What came out otherwise than in the source, and may: a sentence each. */
  readonly notes: readonly string[];
  /** What reviewed SQL did after the proof; null where there is none. */
  readonly defused: Defused | null;
}

/** What the target's reviewed SQL did in the new data, after it was proved and before anybody could see it. */
export interface Defused {
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  readonly statements: readonly {
    readonly file: string;
    readonly line: number;
    /** Its first word, in capitals. */
    readonly command: string;
    /** Null where its answer has no number (TRUNCATE, DO, SELECT). */
    readonly rows: number | null;
  }[];
  /** Rows, with what triggers and cascades changed; without those that a TRUNCATE removed. */
  readonly tables: readonly (ChangedRows & { readonly table: string })[];
}

export interface CollectionReceipt {
  /** The configured name: the alias. */
  readonly alias: string;
  /** The real collection behind it now; null where an undo of the first build removed the alias. */
  readonly collection: string | null;
  /** The collection before it; null at the first build. */
  readonly previous: string | null;
  /** The live collection was equal to the database already, and stayed. */
  readonly unchanged?: boolean;
  readonly documents: number;
  /** True if this job compared it with the database, and they are equal; an undo does not always look. */
  readonly verified: boolean;
  readonly seconds: number;
}

/** The signed-off result of a job. */
export interface Receipt {
  readonly type: 'receipt';
  readonly jobId: string;
  readonly kind: Exclude<JobKind, 'verify'>;
  readonly source: string | null;
  readonly target: string | null;
  readonly mode: Mode | null;
  readonly modeReason: string | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly seconds: number;
  readonly rows: number;
  readonly tables: readonly TableReceipt[];
  readonly sequences: number;
  /** Null where neither side has any. */
  readonly largeObjects: LargeObjectsReceipt | null;
  readonly objects: number;
  readonly dump: DumpReceipt | null;
  readonly backup: DumpReceipt | null;
  /** Name of the kept old database; null where there is none. */
  readonly keptDatabase: string | null;
  /**
   * After a merge: the schema of the target with the rows that its undo needs; null where nothing was changed. After a
   * switch: the one that says where the former objects are.
   */
  readonly undoSchema?: string | null;
  /**
   * After a replacement in place: the database's identity (databaseIdentity). Receipts of earlier versions lack it.
   */
  readonly database?: string | null;
  /**
   * After a replacement in place: what its undo would not restore as it was. Receipts of earlier versions lack it.
   */
  readonly undoLacks?: readonly string[];
  readonly collections: readonly CollectionReceipt[];
  readonly steps: readonly { readonly step: string; readonly seconds: number }[];
  readonly warnings: readonly string[];
  /** Where the schema of the application's tables has another name in the target; null where it has not. */
  readonly schemas: SchemaNames | null;
  /** Identities of objects that the options left out. */
  readonly leftOut: readonly string[];
  /** Identities of objects that stayed in the target, in place, because the options leave them out. */
  readonly stayed: readonly string[];
  /** What reviewed SQL did after the proof; null where there is none. Receipts of earlier versions lack it. */
  readonly defused?: Defused | null;
  /** What masks and filters did to what was read; null for nothing. Receipts of earlier versions lack it. */
  readonly masking?: MaskingTold | null;
}

export interface VerifyReceipt {
  readonly type: 'verify';
  readonly equal: boolean;
  readonly left: string;
  readonly right: string;
  /** True where a search was compared with its database: `tables` are its collections, and rows documents. */
  readonly search?: boolean;
  readonly tables: readonly {
    readonly table: string;
    readonly equal: boolean;
    readonly leftRows: number | null;
    readonly rightRows: number | null;
    readonly leftDigest: string | null;
    readonly rightDigest: string | null;
    /** Keys (never values) of rows that differ, where the table has a key; at most 20. */
    readonly differingKeys: readonly string[];
  }[];
  readonly differences: readonly Difference[];
  /** What the two databases have that this comparison ignores; `equal` says nothing about it. */
  readonly notCompared: readonly string[];
  readonly seconds: number;
}
