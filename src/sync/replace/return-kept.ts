import type { CatalogModel } from '../../catalog/model.ts';
import type { Environment } from '../../environments/environment.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { Releasers, withReleasers } from '../../lib/releasers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Run } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { bringLastNumbers } from '../kept/last-numbers.ts';
import { beginLocked } from '../kept/lock-tables.ts';
import { returnKeptRows } from '../kept/return-rows.ts';
import type { ReturnedRows } from '../kept/return-rows.ts';
import { lockLargeObjects } from '../large-objects/carry.ts';
import { openKept, shutKept } from '../ends/open-kept.ts';
import type { Maintenance } from '../ends/maintenance.ts';
import { markedDatabases } from '../ends/marker.ts';
import type { MarkedDatabase } from '../ends/marker.ts';
import { askedTarget, readTargetOn } from '../ends/read-target.ts';
import { swapDatabases } from './swap-databases.ts';
import type { Holding, SwapInput } from './swap-databases.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import { tableName } from '../../lib/table-name.ts';

export interface ReturnKeptInput {
  readonly environment: Environment;
  readonly swap: SwapInput;
  /** `schema.name` of the tables whose rows a policy keeps. */
  readonly tables: readonly string[];
  /** Whether the large objects are people's. */
  readonly largeObjects: boolean;
  /** The last thing before the swap. */
  readonly beforeSwap?: (rows: ReturnedRows) => Promise<void>;
}

const nothingReturned: ReturnedRows = {
  returned: [],
  tables: [],
  largeObjects: null,
  notes: [],
  numbers: { sequences: [], states: [] },
};

/**
 * Makes a kept database live again. Kept rows belong to people, so what they wrote after the run is carried over;
 * writers must wait from the comparison until the swap. Returns the state of the kept tables. Errors:
 * CONFLICT_UNDO_CHANGED, those of `swapDatabases`; the live database is unchanged then.
 */
export async function returnKept(
  run: Run,
  maintenance: Maintenance,
  input: ReturnKeptInput,
): Promise<ReturnedRows> {
  const { swap, tables, largeObjects } = input;
  const releasers = new Releasers();
  let opened: MarkedDatabase | null = null;
  try {
    let rows = nothingReturned;
    let holding: Holding | null = null;
    if (tables.length > 0 || largeObjects) {
      // It was closed to connections when it was put aside. The swap opens it, or we close it again. If it is open
      // already, somebody uses it.
      const { own } = await markedDatabases(maintenance, swap.live, {});
      opened = own.find(({ name, allowsConnections }) => name === swap.next && !allowsConnections) ?? null;
      if (opened !== null) await openKept(maintenance, opened);
      const live = await openEnd(run, releasers, input.environment, swap.live);
      await lockTables(run, live.session, tables, live.model);
      if (largeObjects) await lockLargeObjects(live.session, live.model.largeObjects.count, run.signal);
      rows = await bringRows(run, live, input);
      holding = {
        pid: live.session.pid,
        last: () =>
          bringLastNumbers(live.session, rows.numbers, () =>
            run.connect(targetEnd(input.environment, swap.next), { access: 'write', connections: 1 }),
          ),
        leave: async () => {
          await live.session.query('SELECT 1');
          await releasers.release();
        },
      };
    }
    run.signal.throwIfAborted();
    await input.beforeSwap?.(rows);
    await swapDatabases(maintenance, swap, holding);
    return rows;
  } catch (error) {
    // Nobody knows which one it is then: the next run finds out, and shuts it (recover.ts).
    if (opened !== null && !isUnsettled(error)) await shutAgain(maintenance, opened);
    throw databaseError(error, 'target', `Putting the database "${swap.next}" back`);
  } finally {
    await releasers.release();
  }
}

/** How long a failed undo waits for a server that went away, so that it can still shut what it has opened. */
const returnMs = 5_000;

/**
 * Shuts what this undo has opened, on a new connection where the old one is lost. Its lock is taken again: another run
 * may have it by now, and look into the same database. What does not succeed here is done by the next run (recover.ts).
 */
async function shutAgain(maintenance: Maintenance, opened: MarkedDatabase): Promise<void> {
  const shut = async (): Promise<void> => {
    await maintenance.reopen(returnMs);
    await shutKept(maintenance, opened);
  };
  // The loss of the connection may show only now.
  await shut()
    .catch(shut)
    .catch(() => {});
}

/**
 * Undoes a swap whose aliases could not be moved, and throws `because`. It cannot be cancelled, because half a switch
 * is worse than either state. If even that fails, the swap stands, the error says so, and the journal stays open: the
 * next run moves the aliases (recover.ts).
 */
export async function swapBack(
  run: Run,
  maintenance: Maintenance,
  input: ReturnKeptInput,
  because: unknown,
): Promise<never> {
  try {
    await returnKept({ ...run, signal: new AbortController().signal }, maintenance, input);
  } catch (error) {
    run.journal.leaveOpen();
    const reason = asSyncError(because);
    throw new SyncError(
      reason.code,
      `${reason.message} The database "${input.swap.live}" was switched already and could not be put back: ` +
        asSyncError(error).message,
      {
        cause: error,
        details: reason.details,
        hint: 'Run again once the search answers: the next run on this target moves the aliases first.',
      },
    );
  }
  throw because;
}

interface Opened {
  readonly session: Session;
  readonly model: CatalogModel;
}

async function bringRows(run: Run, live: Opened, input: ReturnKeptInput): Promise<ReturnedRows> {
  return withReleasers(async (releasers) => {
    const old = await openEnd(run, releasers, input.environment, input.swap.next);
    return returnKeptRows(live, old, input, run);
  });
}

async function openEnd(
  run: Run,
  releasers: Releasers,
  environment: Environment,
  databaseName: string,
): Promise<Opened> {
  const there = { ...environment, database: environment.database.withDatabase(databaseName) };
  const database = askedTarget(run, there);
  releasers.defer(() => database.close());
  const model = await readTargetOn(database, there, run);
  const session = await database.connect(run);
  releasers.defer(() => session.release());
  return { session, model };
}

async function lockTables(
  { config, signal }: Run,
  session: Session,
  tables: readonly string[],
  model: CatalogModel,
): Promise<void> {
  await beginLocked(
    session,
    {
      relations: () =>
        model.tables
          .filter(({ schema, name }) => tables.includes(tableName({ schema, name })))
          .map(({ schema, name }) => ({ schema, name, owner: null })),
      mode: 'SHARE',
      waitSeconds: config.sync.lockWaitSeconds,
      what: 'Locking the tables whose rows are kept',
    },
    { signal },
  );
}
