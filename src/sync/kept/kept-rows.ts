import type { Session } from '../../postgres/session.ts';
import type { LargeObjectsReceipt, TableReceipt } from '../contract/receipts.ts';
import type { SequenceState } from './sequence-states.ts';

/**
 * People's rows on their way into the new database, wherever they wait: in the live database (`CarriedRows`) or on our
 * disk (`SpooledRows`). Asked in this order: `isAny` → `bring` → `sequenceStates`.
 */
export interface KeptRows {
  /** Whether there is anything to bring: rows, large objects, numbers of sequences. */
  readonly isAny: boolean;
  /** For the progress: `Carrying kept rows over`. */
  readonly title: string;
  /** Brings rows and large objects into the new database, and proves them equal. TARGET_KEPT_TABLE. */
  bring(into: Session): Promise<BroughtRows>;
  /** The states that sequences of kept tables are to have, by position. Read as late as they can be. */
  sequenceStates(): Promise<readonly SequenceState[]>;
}

export interface BroughtRows {
  readonly tables: readonly TableReceipt[];
  /** Null where the policy does not keep large objects, or there are none. */
  readonly largeObjects: LargeObjectsReceipt | null;
}
