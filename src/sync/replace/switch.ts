import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../errors/sync-error.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError, sqlState } from '../../postgres/sqlstate.ts';
import { commentSql, markerComment } from '../target/marker.ts';
import { targetSessions } from '../target/target-facts.ts';

/** How long sessions may take to leave after they were told to. */
const leaveMs = 10_000;
const pollMs = 50;
const renameAttempts = 3;

/** Whether the name may be connected to. A shut door refuses everybody, superusers too. */
export async function setDoor(maintenance: Session, databaseName: string, open: boolean): Promise<void> {
  await maintenance.execute(
    `ALTER DATABASE ${quoteIdentifier(databaseName)} ALLOW_CONNECTIONS ${String(open)}`,
  );
}

/**
 * Ends every session of a database and waits until they are gone, but for `exceptPids`. CONFLICT_TARGET_IN_USE names
 * who is left: sessions this role may not end, or ones that do not leave in 10 s.
 */
export async function endSessions(
  maintenance: Session,
  databaseName: string,
  exceptPids: readonly number[],
): Promise<void> {
  const deadline = Date.now() + leaveMs;
  for (;;) {
    const sessions = (await targetSessions(maintenance, databaseName, {})).filter(
      ({ pid }) => !exceptPids.includes(pid),
    );
    if (sessions.length === 0) return;
    const stuck = sessions.filter(({ endable }) => !endable);
    if (stuck.length > 0 || Date.now() > deadline) {
      const who = (stuck.length > 0 ? stuck : sessions).map(
        ({ pid, role, application }) => `pid ${pid} (${role}${application === '' ? '' : `, ${application}`})`,
      );
      throw new SyncError(
        'CONFLICT_TARGET_IN_USE',
        `${who.length} session(s) on the database "${databaseName}" cannot be ended: ${who.join('; ')}.`,
        {
          details: { sessions: who },
        },
      );
    }
    for (const { pid } of sessions)
      await maintenance.query('SELECT pg_catalog.pg_terminate_backend($1)', [pid]);
    await delay(pollMs);
  }
}

export interface SwapInput {
  /** The name users connect to. */
  readonly live: string;
  /** The database that takes that name. */
  readonly next: string;
  /** The comment the next one is to have: the live one's own. */
  readonly comment: string | null;
  /** The name the present one gets, and who asks. */
  readonly keepAs: string;
  readonly jobId: string;
  readonly now: number;
}

/**
 * Gives `live` to another database and keeps the present one under `keepAs`: two renames and two comments in one
 * transaction (facts: switching databases by name; both names move together or not at all). The door of `live` must be
 * shut and its sessions ended; the kept one's stays shut. Not cancellable: it takes milliseconds.
 */
export async function swapDatabases(maintenance: Session, input: SwapInput): Promise<void> {
  const { live, next, keepAs, comment } = input;
  const marker = markerComment({ role: 'kept', jobId: input.jobId, live, at: input.now, comment });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await maintenance.execute('SET synchronous_commit = on');
      await maintenance.execute('BEGIN');
      await maintenance.execute(
        `ALTER DATABASE ${quoteIdentifier(live)} RENAME TO ${quoteIdentifier(keepAs)}`,
      );
      await maintenance.execute(`ALTER DATABASE ${quoteIdentifier(next)} RENAME TO ${quoteIdentifier(live)}`);
      await maintenance.execute(commentSql(live, comment));
      await maintenance.execute(commentSql(keepAs, marker));
      await maintenance.execute('COMMIT');
      return;
    } catch (error) {
      if (!maintenance.broken) await maintenance.execute('ROLLBACK').catch(() => maintenance.cut());
      // 55006: somebody is in there again, autovacuum for example; the server itself has waited 5 s already.
      if (sqlState(error) === '55006' && attempt < renameAttempts && !maintenance.broken) {
        await endSessions(maintenance, live, []);
        await endSessions(maintenance, next, []);
        continue;
      }
      throw databaseError(error, 'target', `Swapping the databases "${live}" and "${next}"`);
    }
  }
}

/**
 * Shuts the live database's door and says so on the database that is to take its place, in one transaction: whoever finds
 * the marker after a crash opens the door again. `switching`: the next one is new and goes then; `returning`: it is a
 * kept one and stays.
 */
export async function shutDoor(
  maintenance: Session,
  input: SwapInput,
  role: 'switching' | 'returning',
): Promise<void> {
  const marker = markerComment({
    role,
    jobId: input.jobId,
    live: input.live,
    at: input.now,
    comment: input.comment,
  });
  try {
    await maintenance.execute(
      `BEGIN; ${commentSql(input.next, marker)}; ALTER DATABASE ${quoteIdentifier(input.live)} ALLOW_CONNECTIONS false; COMMIT`,
    );
  } catch (error) {
    if (!maintenance.broken) await maintenance.execute('ROLLBACK').catch(() => maintenance.cut());
    throw databaseError(error, 'target', `Closing the database "${input.live}" for the switch`);
  }
}

/**
 * Puts a kept database in the place of the live one: door, sessions, swap, door. Used by undo, and by a switch whose
 * aliases could not follow. On failure the live database is open again, whichever it is.
 */
export async function returnKept(maintenance: Session, input: SwapInput): Promise<void> {
  await shutDoor(maintenance, input, 'returning');
  try {
    await endSessions(maintenance, input.live, []);
    await endSessions(maintenance, input.next, []);
    await swapDatabases(maintenance, input);
  } finally {
    await setDoor(maintenance, input.live, true);
  }
}
