import { setTimeout as delay } from 'node:timers/promises';
import type { CatalogModel } from '../../catalog/model.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Run } from '../contract/run.ts';
import { catalogMark, lockReplaced } from '../in-place/taking-place.ts';
import {
  hasWaited,
  objectHolders,
  objectsInUse,
  shortWaits,
  usualWaits,
} from '../in-place/objects-in-use.ts';
import type { LockedRelation } from '../kept/lock-statements.ts';
import { exchange, prepareExchange } from './exchange.ts';
import type { ExchangeInput } from './exchange.ts';

/** Between two tries others get on. */
const pauseMs = 200;

export interface LastMomentInput {
  /** The live schemas. */
  readonly schemas: readonly string[];
  /** The relations that are locked, in their order. */
  readonly relations: () => Promise<readonly LockedRelation[]>;
  /** The catalogue as it is now. */
  readonly read: () => Promise<CatalogModel>;
  /** What is exchanged. Refuses what somebody has changed. */
  readonly decide: (now: CatalogModel) => ExchangeInput;
  /** What else belongs to the transaction, as long as nobody waits; nothing that changes the live schemas. */
  readonly prepare: () => Promise<void>;
}

/**
 * The moment for which everybody waits, in the open transaction: all is known and prepared before, then come the locks
 * in short tries, and then moves alone. Somebody may change a definition before the locks are there, or hold an object
 * that no lock of a relation covers: then all is given back and tried again, until LOCK_WAIT_SECONDS are over. Ends
 * with the locks held.
 */
export async function lastMoment(run: Run, session: Session, input: LastMomentInput): Promise<void> {
  const { config, signal } = run;
  const options = { signal };
  const deadline = performance.now() + config.sync.lockWaitSeconds * 1_000;
  const markNow = (): Promise<string> => catalogMark(session, input.schemas, options);
  for (;;) {
    await session.execute('SAVEPOINT moment', options);
    const mark = await markNow();
    const decided = input.decide(await input.read());
    let because: unknown;
    try {
      await input.prepare();
      const ready = await prepareExchange(session, decided, options);
      await lockNext(
        session,
        decided.schemas.map(({ next }) => next),
        options,
      );
      await lockReplaced(run, session, { mode: 'ACCESS EXCLUSIVE' }, async () => {
        await untilFree(run, session, decided.dropped, deadline);
        return input.relations();
      });
      if (mark === (await markNow())) {
        await session.execute(shortWaits, options);
        await exchange(session, ready, options);
        await session.execute(`${usualWaits}; RELEASE SAVEPOINT moment`, options);
        return;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!hasWaited(error)) throw error;
      because = error;
    }
    await session.execute('ROLLBACK TO SAVEPOINT moment; RELEASE SAVEPOINT moment', options);
    if (performance.now() > deadline)
      throw objectsInUse(await objectHolders(session, decided.dropped, options), because);
    await delay(pauseMs);
    signal.throwIfAborted();
  }
}

/** Nobody but the server's own VACUUM uses these: it gives way to who waits longer than a try. */
async function lockNext(
  session: Session,
  schemas: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const tables = await session.query<{ schema: string; name: string }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p') ORDER BY c.oid`,
    [schemas],
    options,
  );
  if (tables.length === 0) return;
  const names = tables.map(({ schema, name }) => qualifiedName(schema, name));
  try {
    await session.execute(`LOCK TABLE ONLY ${names.join(', ONLY ')} IN ACCESS EXCLUSIVE MODE`, options);
  } catch (error) {
    options.signal.throwIfAborted();
    throw databaseError(error, 'target', 'Locking what is to take the place of the live objects');
  }
}

/** Nobody waits for us yet, so this may take its time. */
async function untilFree(
  { signal }: Run,
  session: Session,
  objects: CatalogModel['objects'],
  deadline: number,
): Promise<void> {
  for (;;) {
    const holders = await objectHolders(session, objects, { signal });
    if (holders.every(({ objects: held }) => held === null)) return;
    if (performance.now() > deadline) throw objectsInUse(holders);
    await delay(pauseMs);
    signal.throwIfAborted();
  }
}
