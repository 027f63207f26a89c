import type { ImportPlan } from '../../plan/import-plan.ts';
import type { Session } from '../../postgres/session.ts';
import type { BroughtRows, KeptRows } from '../kept/kept-rows.ts';
import { SpooledRows } from '../kept/spooled-rows.ts';
import type { Spool } from '../kept/spool.ts';
import type { SequenceState } from '../kept/sequence-states.ts';

/** Kept rows that people go on writing until everything else is made; then they are locked, and set aside. */
export class LateRows implements KeptRows {
  readonly title = 'Carrying kept rows over';
  readonly #plan: Pick<ImportPlan, 'keep' | 'keptSequences'>;
  readonly #spool: Spool;
  readonly #locked: (read: () => Promise<void>) => Promise<void>;
  readonly #options: { readonly signal: AbortSignal };
  #rows: SpooledRows | null = null;

  /** `locked` runs something while writers are kept off, and the live tables have their names. */
  constructor(
    plan: Pick<ImportPlan, 'keep' | 'keptSequences'>,
    spool: Spool,
    locked: (read: () => Promise<void>) => Promise<void>,
    options: { readonly signal: AbortSignal },
  ) {
    this.#plan = plan;
    this.#spool = spool;
    this.#locked = locked;
    this.#options = options;
  }

  get isAny(): boolean {
    return this.#plan.keep.length + this.#plan.keptSequences.length > 0;
  }

  async bring(into: Session): Promise<BroughtRows> {
    await this.#locked(async () => {
      this.#rows = await SpooledRows.setAside(into, this.#spool, this.#plan, null, this.#options);
    });
    return this.#rows === null ? { tables: [], largeObjects: null } : this.#rows.bring(into);
  }

  async sequenceStates(): Promise<readonly SequenceState[]> {
    return this.#rows === null ? [] : this.#rows.sequenceStates();
  }
}
