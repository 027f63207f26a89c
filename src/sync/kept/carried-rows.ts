import { readCatalog } from '../../catalog/read-catalog.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { Session } from '../../postgres/session.ts';
import type { LargeObjectsReceipt } from '../contract/receipts.ts';
import { carryLargeObjects, lockLargeObjects } from '../large-objects/carry.ts';
import { carryKeptRows, keptSequenceStates, lockKept } from './kept-tables.ts';
import type { KeepOptions } from './kept-tables.ts';
import { checkKeptDefinitions } from './kept-definitions.ts';
import type { KeptDefinitions } from './kept-definitions.ts';
import type { BroughtRows, KeptRows } from './kept-rows.ts';
import type { SequenceState } from './sequence-states.ts';

type Keeping = Pick<ImportPlan, 'keep' | 'keptSequences' | 'largeObjects'>;

/** What the live database still holds for the switch: its kept tables, locked against writers. */
export interface HeldRows {
  readonly live: Session;
  /** As they were set in the new database; numbers may be given since. */
  readonly states: readonly SequenceState[];
}

/**
 * Kept rows that go straight from the live database into the new one. People who write to them wait from `bring` until
 * the switch; the session that holds the locks is the caller's to close.
 */
export class CarriedRows implements KeptRows {
  readonly title = 'Carrying kept rows over';
  readonly #openLive: () => Promise<Session>;
  readonly #plan: Keeping;
  readonly #definitions: KeptDefinitions;
  readonly #options: KeepOptions;
  readonly #waitSeconds: number;
  #live: Session | null = null;
  #states: readonly SequenceState[] = [];

  constructor(
    plan: Keeping,
    definitions: KeptDefinitions,
    openLive: () => Promise<Session>,
    options: KeepOptions & { readonly lockWaitSeconds: number },
  ) {
    this.#plan = plan;
    this.#definitions = definitions;
    this.#openLive = openLive;
    this.#options = options;
    this.#waitSeconds = options.lockWaitSeconds;
  }

  get isAny(): boolean {
    const { keep, keptSequences, largeObjects } = this.#plan;
    return this.#definitions.any || largeObjects === 'keep' || keep.length + keptSequences.length > 0;
  }

  /** Null where nothing was brought. */
  get held(): HeldRows | null {
    return this.#live === null ? null : { live: this.#live, states: this.#states };
  }

  async bring(into: Session): Promise<BroughtRows> {
    const options = this.#options;
    const live = await this.#openLive();
    this.#live = live;
    await lockKept(live, { keep: this.#plan.keep, waitSeconds: this.#waitSeconds }, options);
    // Again, now that nobody else can change them.
    const model = await readCatalog(live, {}, options);
    checkKeptDefinitions(this.#definitions, model);
    let largeObjects: LargeObjectsReceipt | null = null;
    if (this.#plan.largeObjects === 'keep') {
      await lockLargeObjects(live, model.largeObjects.count, options.signal);
      largeObjects = await carryLargeObjects(live, into, options);
    }
    return { tables: await carryKeptRows(live, into, this.#plan.keep, options), largeObjects };
  }

  async sequenceStates(): Promise<readonly SequenceState[]> {
    if (this.#live === null) return [];
    this.#states = await keptSequenceStates(this.#live, this.#plan.keptSequences, this.#options);
    return this.#states;
  }
}
