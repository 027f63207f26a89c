import { setTimeout as delay } from 'node:timers/promises';
import { readCatalog } from '../../catalog/read-catalog.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { Session } from '../../postgres/session.ts';
import type { Run } from '../contract/run.ts';
import { checkKeptDefinitions } from '../kept/kept-definitions.ts';
import { beginLocked } from '../kept/lock-tables.ts';
import type { LockInput } from '../kept/lock-tables.ts';
import { presentRelations } from '../kept/locked-tables.ts';
import { inventoryScope } from '../prove/verify-inventory.ts';
import type { SchemasApart } from './apart.ts';
import { dropAll } from './drop-all.ts';
import type { InPlaceInput } from './instead.ts';
import { hasWaited, objectHolders, objectsInUse, shortWaits, usualWaits } from './objects-in-use.ts';

/** Between two tries others get on. */
const pauseMs = 200;

const catalogMarkSql = sqlFile(import.meta.url, './catalog-mark.sql');

export interface TakingPlaceInput {
  readonly input: InPlaceInput;
  /** The target as it was when its successor was begun. */
  readonly model: CatalogModel;
  readonly apart: SchemasApart;
  /** What makes room, in order. */
  readonly removed: CatalogModel['objects'];
}

/**
 * The moment for which everybody waits: all of the live objects are locked at once, and let go by the commit. Not some
 * earlier and others later: who waits for the first and holds the others would never give them up.
 */
export class TakingPlace {
  readonly #run: Run;
  readonly #session: Session;
  readonly #input: TakingPlaceInput;
  #isLocked = false;

  constructor(run: Run, session: Session, input: TakingPlaceInput) {
    this.#run = run;
    this.#session = session;
    this.#input = input;
  }

  /** Runs something with everything locked, under the live objects' names. */
  async whileLocked(work: () => Promise<void>): Promise<void> {
    const { apart } = this.#input;
    await this.#lock();
    await apart.under('live');
    await work();
    await apart.under('next');
  }

  /**
   * Drops the live objects, and moves the new ones to their place. Somebody may hold an object that no lock of a
   * relation covers, such as a function: then all locks are given back, and tried for again, until LOCK_WAIT_SECONDS
   * are over. Where kept rows have been carried under these locks, it ends at once.
   */
  async take(): Promise<void> {
    const { removed, apart } = this.#input;
    const { config, signal } = this.#run;
    const again = !this.#isLocked;
    const deadline = performance.now() + config.sync.lockWaitSeconds * 1_000;
    for (;;) {
      await this.#session.execute('SAVEPOINT place', { signal });
      const named = apart.mark();
      try {
        await this.#lock();
        await this.#exchange();
        await this.#session.execute('RELEASE SAVEPOINT place', { signal });
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!hasWaited(error)) throw error;
        await this.#session.execute('ROLLBACK TO SAVEPOINT place; RELEASE SAVEPOINT place', { signal });
        apart.backTo(named);
        this.#isLocked = !again;
        if (!again || performance.now() > deadline)
          throw objectsInUse(await objectHolders(this.#session, removed, { signal }), error);
      }
      await delay(pauseMs);
      signal.throwIfAborted();
    }
  }

  async #exchange(): Promise<void> {
    const { apart, removed } = this.#input;
    const { signal } = this.#run;
    await this.#session.execute(shortWaits, { signal });
    await apart.under('live');
    await dropAll(this.#session, removed, { signal });
    await apart.moveIn();
    await this.#session.execute(usualWaits, { signal });
  }

  /** Nobody waits for us yet, so this may take its time. */
  async #untilObjectsAreFree(): Promise<void> {
    const { config, signal } = this.#run;
    const deadline = performance.now() + config.sync.lockWaitSeconds * 1_000;
    for (;;) {
      const holders = await objectHolders(this.#session, this.#input.removed, { signal });
      if (holders.every(({ objects }) => objects === null)) return;
      if (performance.now() > deadline) throw objectsInUse(holders);
      await delay(pauseMs);
      signal.throwIfAborted();
    }
  }

  async #lock(): Promise<void> {
    if (this.#isLocked) return;
    const { input, model, apart } = this.#input;
    const { plan, kept } = input;
    const options = { signal: this.#run.signal };
    await apart.under('live');
    const mark = await this.#mark();
    const seen = await this.#read();
    await lockReplaced(
      this.#run,
      this.#session,
      { mode: 'ACCESS EXCLUSIVE', sequences: plan.keptSequences.map(({ live }) => live) },
      async () => {
        await this.#untilObjectsAreFree();
        return presentRelations(this.#session, plan, options);
      },
    );
    this.#isLocked = true;
    const now = mark === (await this.#mark()) ? seen : await this.#read();
    checkKeptDefinitions(kept, now);
    refuseChanged(plan, { model, now });
    await apart.under('next');
  }

  #read(): Promise<CatalogModel> {
    const scope = inventoryScope(this.#input.input.plan, 'target');
    return readCatalog(this.#session, scope, { signal: this.#run.signal });
  }

  /** Reading the catalogue takes longer than anybody should wait. */
  #mark(): Promise<string> {
    const { schemas } = this.#input.input.plan;
    return catalogMark(this.#session, schemas?.target ?? [], { signal: this.#run.signal });
  }
}

/** Another one when somebody has changed a definition in some schemas. */
export async function catalogMark(
  session: Session,
  schemas: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<string> {
  const [row] = await session.query<{ mark: string }>(catalogMarkSql, [schemas], options);
  return row?.mark ?? '';
}

/** Locks relations of a target, in a transaction of their own or in the one that is open. */
export async function lockReplaced(
  { config, signal }: Run,
  session: Session,
  how: Pick<LockInput, 'mode' | 'sequences'>,
  relations: LockInput['relations'],
): Promise<void> {
  const what = 'Locking what is to be replaced';
  await beginLocked(
    session,
    { ...how, relations, waitSeconds: config.sync.lockWaitSeconds, what },
    { signal },
  );
}

/**
 * What goes is what the safety copy holds, and an undo brings back no other. CONFLICT_TARGET_CHANGED names what
 * somebody has changed or made since, also what has no statement of its own to drop it, such as a comment or a grant:
 * only the tables that are replaced were locked, and a grant or a comment waits for no lock of theirs.
 */
export function refuseChanged(
  { staying, replaced }: Pick<InPlaceInput['plan'], 'staying' | 'replaced'>,
  { model, now }: { readonly model: CatalogModel; readonly now: CatalogModel },
): void {
  const thatGo = ({ objects }: CatalogModel): ReadonlyMap<string, CatalogModel['objects'][number]> =>
    new Map(
      objects
        .filter(
          ({ id, kind, outside, facts, partOf }) =>
            kind !== 'sequence value' &&
            outside === undefined &&
            // Gone by now, by this transaction.
            facts.forRole === undefined &&
            !staying.has(id) &&
            // Functions that have their new definition by now.
            !replaced.has(id) &&
            !replaced.has(partOf ?? ''),
        )
        .map((object) => [object.id, object]),
    );
  const [before, after] = [thatGo(model), thatGo(now)];
  const changed = [...new Map([...before, ...after]).values()]
    .filter(({ id }) => before.get(id)?.sql !== after.get(id)?.sql)
    .map(({ identity }) => identity);
  if (changed.length === 0) return;
  throw new SyncError(
    'CONFLICT_TARGET_CHANGED',
    `The target changed while its successor was made: ${changed.join(', ')}. The run changed nothing.`,
    { details: { objects: changed } },
  );
}
