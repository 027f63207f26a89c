import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Queryable } from '../../postgres/session.ts';
import { databaseError, sqlState } from '../../postgres/sqlstate.ts';
import type { Maintenance } from '../ends/maintenance.ts';
import { unsettled } from '../contract/unsettled.ts';
import { commentSql, markerComment } from '../ends/marker.ts';
import { findDatabase, targetSessions } from '../ends/target-facts.ts';

const renameLockSql = sqlFile(import.meta.url, './rename-lock.sql');
/** How long sessions may take to leave after they were told to. */
const leaveMs = 10_000;
const pollMs = 20;
const swapAttempts = 3;
/** How long to wait for a server that went away during the swap, to ask for its outcome. */
const settleMs = 30_000;

export interface SwapInput {
  /** The name users connect to. */
  readonly live: string;
  /** The database that takes that name. */
  readonly next: string;
  /** The comment the next one is to have: the live one's own. */
  readonly comment: string | null;
  /** The name that the present database gets, and the job that asks. */
  readonly keepAs: string;
  readonly jobId: string;
  readonly now: number;
  /** Until when the present database is kept (kept-until.ts); undefined where no one said. */
  readonly keepUntil: number | undefined;
}

/**
 * Our session on the live database that locks the kept tables; it stays until everybody else has left.
 */
export interface Holding {
  readonly pid: number;
  /**
   * Work for the moment when everybody else has left and nobody can connect. It must be short: the server waits 5 s
   * in all.
   */
  readonly last: () => Promise<void>;
  /** Proves that the session has held its locks until now, and ends it. */
  readonly leave: () => Promise<void>;
}

/**
 * Gives `live` to another database and keeps the present one under `keepAs`, closed to connections: one transaction
 * (docs/facts/postgresql.md#renaming-databases). The first rename takes the lock on the database that every new
 * connection needs, and then waits 5 s for other sessions to leave; this function ends them meanwhile. So nobody new
 * can connect, no database has to be closed before and opened after, and if anything dies, the server undoes
 * everything. A client that connects at that moment waits, and is refused once (3D000); its next attempt reaches the
 * new database.
 *
 * The target's lock is proved in the same transaction. The lock's session on the target is ended last. A run that
 * takes the lock after that, or after the lock was lost, needs a session on the target, which is ended here as well.
 *
 * Not cancellable. If the connection breaks, it is opened again and the outcome is looked up, so that success and
 * failure are reported truly. Errors: CONFLICT_TARGET_IN_USE (who cannot be ended), CONFLICT_TARGET_BUSY,
 * TARGET_LOCK_LOST, TARGET_UNAVAILABLE; nothing has changed then, unless `isUnsettled` says that this is not known.
 */
export async function swapDatabases(
  maintenance: Maintenance,
  input: SwapInput,
  holding: Holding | null,
): Promise<void> {
  const { live, next } = input;
  const present = await findDatabase(maintenance, live, {});
  const successor = await findDatabase(maintenance, next, {});
  if (present === null || successor === null)
    throw new SyncError(
      'TARGET_UNAVAILABLE',
      `The database "${present === null ? live : next}" does not exist.`,
    );
  for (let attempt = 1; ; attempt += 1) {
    await maintenance.targetLock?.ensure();
    await endSessions(maintenance, next);
    const outcome = await attemptSwap(maintenance, input, present.oid, holding);
    if (outcome.swapped) return;
    await maintenance.rollback();
    if (maintenance.broken && (await cameThrough(maintenance, live, successor.oid))) return;
    // 55006: a session did not leave in time. There is no second try once our own locks are gone, because a write
    // could slip in.
    const again = sqlState(outcome.error) === '55006' && !outcome.left && attempt < swapAttempts;
    if (!again || maintenance.broken)
      throw databaseError(outcome.error, 'target', `Swapping the databases "${live}" and "${next}"`);
  }
}

type Outcome =
  | { readonly swapped: true }
  | { readonly swapped: false; readonly error: unknown; readonly left: boolean };

async function attemptSwap(
  maintenance: Maintenance,
  input: SwapInput,
  oid: string,
  holding: Holding | null,
): Promise<Outcome> {
  const { pid } = maintenance;
  return maintenance.beside(async (second) => {
    const settled = new AbortController();
    const lock = maintenance.targetLock;
    const stays = [holding?.pid, lock?.pid].filter((one) => one !== undefined);
    const swap = (async () => {
      await maintenance.execute('BEGIN; SET LOCAL synchronous_commit = on');
      await lock?.prove(maintenance);
      await maintenance.execute(swapSql(input));
    })().finally(() => settled.abort());
    let left = false;
    const clear = async (): Promise<void> => {
      try {
        const alone = await endOthers(second, { pid, live: input.live, oid }, stays, settled.signal);
        if (!alone) return;
        if (holding !== null) {
          await holding.last();
          left = true;
          await holding.leave();
        }
        await lock?.leave();
      } catch (error) {
        await second.query('SELECT pg_catalog.pg_cancel_backend($1)', [pid]).catch(() => {
          // The server gives up by itself after its 5 s.
        });
        throw error;
      }
    };
    const [swapped, cleared] = await Promise.allSettled([swap, clear()]);
    if (swapped.status === 'fulfilled') return { swapped: true };
    return { swapped: false, error: cleared.status === 'rejected' ? cleared.reason : swapped.reason, left };
  });
}

function swapSql({ live, next, keepAs, comment, jobId, now, keepUntil: until }: SwapInput): string {
  const [liveName, nextName, keptName] = [live, next, keepAs].map(quoteIdentifier);
  return [
    `ALTER DATABASE ${liveName} RENAME TO ${keptName}`,
    `ALTER DATABASE ${nextName} RENAME TO ${liveName}`,
    `ALTER DATABASE ${keptName} ALLOW_CONNECTIONS false`,
    `ALTER DATABASE ${liveName} ALLOW_CONNECTIONS true`,
    commentSql(live, comment),
    commentSql(keepAs, markerComment({ role: 'kept', jobId, live, at: now, until, comment, name: keepAs })),
    'COMMIT',
  ].join(';\n');
}

/**
 * Ends every session on the live database but those in `stay`, once nobody new can connect. False: the swap ended
 * first.
 */
async function endOthers(
  second: Queryable,
  swap: { readonly pid: number; readonly live: string; readonly oid: string },
  stays: readonly number[],
  settled: AbortSignal,
): Promise<boolean> {
  for (; !settled.aborted; await delay(pollMs)) {
    const [lock] = await second.query<{ granted: boolean }>(renameLockSql, [swap.pid, swap.oid]);
    if (lock?.granted === true) break;
  }
  for (; !settled.aborted; await delay(pollMs)) {
    if ((await tellToLeave(second, swap.live, stays)) === 0) return true;
  }
  return false;
}

/** Returns how many are still there. CONFLICT_TARGET_IN_USE names those that this role may not end. */
async function tellToLeave(
  session: Queryable,
  databaseName: string,
  stays: readonly number[],
): Promise<number> {
  const sessions = (await targetSessions(session, databaseName, {})).filter(
    ({ pid }) => !stays.includes(pid),
  );
  const stuck = sessions.filter(({ endable }) => !endable);
  if (stuck.length > 0) throw inUse(databaseName, stuck);
  for (const { pid } of sessions) await session.query('SELECT pg_catalog.pg_terminate_backend($1)', [pid]);
  return sessions.length;
}

/**
 * Ends every session of a database and waits until they are gone. CONFLICT_TARGET_IN_USE names who is left after 10 s.
 */
async function endSessions(maintenance: Maintenance, databaseName: string): Promise<void> {
  const deadline = performance.now() + leaveMs;
  while ((await tellToLeave(maintenance, databaseName, [])) > 0) {
    if (performance.now() > deadline)
      throw inUse(databaseName, await targetSessions(maintenance, databaseName, {}));
    await delay(pollMs);
  }
}

function inUse(
  databaseName: string,
  sessions: readonly { readonly pid: number; readonly role: string; readonly application: string }[],
): SyncError {
  const who = sessions.map(
    ({ pid, role, application }) => `pid ${pid} (${role}${application === '' ? '' : `, ${application}`})`,
  );
  return new SyncError(
    'CONFLICT_TARGET_IN_USE',
    `${who.length} session(s) on the database "${databaseName}" cannot be ended: ${who.join('; ')}.`,
    { details: { sessions: who } },
  );
}

/** After a lost connection: whether the swap was made. Throws if the server cannot be asked (`isUnsettled`). */
async function cameThrough(maintenance: Maintenance, live: string, successor: string): Promise<boolean> {
  try {
    await maintenance.reopen(settleMs);
    return (await findDatabase(maintenance, live, {}))?.oid === successor;
  } catch (error) {
    throw unsettled(`switch of "${live}"`, error);
  }
}
