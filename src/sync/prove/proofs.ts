import type { DumpReader } from '../../dump/dump-reader.ts';
import type { ManifestTable } from '../../dump/manifest.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { Session } from '../../postgres/session.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { LargeObjectsReceipt, TableReceipt } from '../contract/receipts.ts';
import { verifyLargeObjects } from '../large-objects/load.ts';
import type { LargeObjectsTarget } from '../large-objects/load.ts';
import { notesOfOwnWays, readInventory, verifyFromTarget, verifyInventory } from './verify-inventory.ts';
import { verifySequences, verifyTables } from './verify-load.ts';

/**
 * What "proved" consists of: every proof that a database holds what a dump and a plan say, by the moment at which it
 * can be made. Whoever loads a dump makes all of them (`load/fill.ts`, and `in-place/try-way-back.ts`, the trial of an
 * undo), so a proof that is added here reaches both. Kept rows are not a dump's; who brings them proves them
 * (`KeptRows`).
 *
 * Two others compare two databases with each other, and say in their own place how they make each of these proofs, or
 * why not: `verbs/verify.ts` and `kept/return-rows.ts`.
 */
export interface Proofs {
  /** When everything that is copied is there. */
  readonly copied: {
    /** Each table against the digest of the source's snapshot. */
    readonly rows: () => Promise<readonly TableReceipt[]>;
    /** Contents, owners, grants and comments together, by digest; null where there are none, or they are kept. */
    readonly largeObjects: () => Promise<LargeObjectsReceipt | null>;
  };
  /** When the kept rows are there too; under the source's names. */
  readonly whole: {
    /** Value and `is_called` of each. */
    readonly sequences: () => Promise<void>;
    /** Every object of the dump, none missing, none more, none different; what extensions make otherwise, in words. */
    readonly definitions: () => Promise<readonly string[]>;
  };
  /** When the schemas have the target's names for good. */
  readonly named: {
    /** Every object that comes from the target itself. */
    readonly fromTarget: () => Promise<void>;
  };
}

export interface ProofsInput {
  /** Sessions on the database: several, or the one of a transaction. */
  readonly team: readonly [Session, ...Session[]];
  readonly reader: Pick<DumpReader, 'manifest'>;
  readonly plan: ImportPlan;
  /** Whose rows are compared. */
  readonly tables: readonly ManifestTable[];
  readonly largeObjects: LargeObjectsTarget;
  /** Schemas that are not the source's, while its names hold. */
  readonly othersUnderSource: readonly string[];
}

/** Each rejects with MISMATCH_TABLES, which names everything that differs. */
export function proofsOf(
  { team, reader: { manifest }, plan, tables, largeObjects, othersUnderSource }: ProofsInput,
  options: { readonly signal: AbortSignal; readonly report: Reporter },
): Proofs {
  const [first] = team;
  const read = (end: 'source' | 'target') => () => readInventory(first, plan, end, options);
  const inventory = { ...plan, sourceVersionNum: manifest.source.serverVersionNum, othersUnderSource };
  return {
    copied: {
      rows: () => verifyTables(team, tables, options),
      largeObjects: async () => {
        if (plan.largeObjects === 'keep') return null;
        const wanted = { ...manifest.largeObjects, copied: plan.largeObjects === 'copy' };
        return verifyLargeObjects(team, wanted, largeObjects, options);
      },
    },
    whole: {
      sequences: () => verifySequences(first, plan.sequences, options),
      definitions: async () => notesOfOwnWays(await verifyInventory(read('source'), inventory)),
    },
    named: { fromTarget: () => verifyFromTarget(read('target'), inventory) },
  };
}

/** Makes the proofs of one moment, one after the other; the first that fails is told. */
export async function prove<Made extends Proofs[keyof Proofs]>(
  proofs: Made,
): Promise<{ readonly [Proof in keyof Made]: Made[Proof] extends () => Promise<infer Told> ? Told : never }> {
  const told: Record<string, unknown> = {};
  for (const [name, proof] of Object.entries(proofs as Record<string, () => Promise<unknown>>))
    told[name] = await proof();
  return told as never;
}
