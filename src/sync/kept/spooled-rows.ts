import type { ImportPlan } from '../../plan/import-plan.ts';
import type { Session } from '../../postgres/session.ts';
import type { LargeObjectsReceipt } from '../contract/receipts.ts';
import { keptSequenceStates } from './kept-tables.ts';
import type { BroughtRows, KeptRows } from './kept-rows.ts';
import type { SequenceState } from './sequence-states.ts';
import type { Spool } from './spool.ts';

/**
 * Kept rows that wait on our disk while their tables are dropped and made again in one transaction, which holds the
 * locks. Large objects that are kept have not moved at all.
 */
export class SpooledRows implements KeptRows {
  readonly title = 'Putting kept rows back';
  readonly #spool: Spool;
  readonly #plan: Pick<ImportPlan, 'keep' | 'keptSequences'>;
  readonly #states: readonly SequenceState[];
  readonly #largeObjects: LargeObjectsReceipt | null;
  readonly #options: { readonly signal: AbortSignal };

  private constructor(
    spool: Spool,
    plan: Pick<ImportPlan, 'keep' | 'keptSequences'>,
    states: readonly SequenceState[],
    largeObjects: LargeObjectsReceipt | null,
    options: { readonly signal: AbortSignal },
  ) {
    this.#spool = spool;
    this.#plan = plan;
    this.#states = states;
    this.#largeObjects = largeObjects;
    this.#options = options;
  }

  /** Sets the rows aside, and reads the numbers, before anything is dropped. `largeObjects`: those that stay. */
  static async setAside(
    session: Session,
    spool: Spool,
    plan: Pick<ImportPlan, 'keep' | 'keptSequences'>,
    largeObjects: LargeObjectsReceipt | null,
    options: { readonly signal: AbortSignal },
  ): Promise<SpooledRows> {
    await spool.fill(session, plan.keep, options);
    const states = await keptSequenceStates(session, plan.keptSequences, options);
    return new SpooledRows(spool, plan, states, largeObjects, options);
  }

  get isAny(): boolean {
    const { keep, keptSequences } = this.#plan;
    return this.#largeObjects !== null || keep.length + keptSequences.length > 0;
  }

  async bring(into: Session): Promise<BroughtRows> {
    const tables = await this.#spool.pour(into, this.#plan.keep, this.#options);
    return { tables, largeObjects: this.#largeObjects };
  }

  async sequenceStates(): Promise<readonly SequenceState[]> {
    return this.#states;
  }
}
