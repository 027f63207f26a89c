import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../errors/sync-error.ts';
import type { Database } from '../../postgres/database.ts';
import type { Queryable, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { unsettled } from '../contract/unsettled.ts';

/** How long to wait for a server that went away during a commit, to ask for its outcome. */
const settleMs = 30_000;
const pauseMs = 100;

/** The id of the session's open transaction: it can be asked for afterwards, whatever happens to the connection. */
export async function transactionId(session: Queryable): Promise<string> {
  const [row] = await session.query<{ xid: string }>('SELECT pg_catalog.pg_current_xact_id()::text AS xid');
  if (row === undefined) throw new SyncError('INTERNAL', 'A transaction without an id.');
  return row.xid;
}

/**
 * Commits, durably. If the answer is lost, the server is asked on a new connection for the outcome of the
 * transaction, so that success and failure are reported truly. Throws what COMMIT threw (rolled back), or an
 * unsettled TARGET_UNAVAILABLE.
 */
export async function commitSurely(session: Session, xid: string, database: Database): Promise<void> {
  const { pid } = session;
  try {
    await session.execute('SET LOCAL synchronous_commit = on; COMMIT');
  } catch (error) {
    session.cut();
    if (!(await askAfterwards(database, pid, xid))) throw error;
  }
}

async function askAfterwards(database: Database, pid: number, xid: string): Promise<boolean> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    try {
      return await database.withSession(async (session) => {
        // The server may not have noticed yet that its client is gone.
        await session.query(
          "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = $1 AND a.application_name = pg_catalog.current_setting('application_name')",
          [pid],
        );
        return wasCommitted(session, xid);
      });
    } catch (thrown) {
      const error = databaseError(thrown, 'target', 'Asking for the outcome of a commit');
      if (performance.now() < deadline && error.retry === 'again') {
        await delay(pauseMs);
        continue;
      }
      throw unsettled('commit', error);
    }
  }
}

/** Whether a transaction of this server was committed; waits for one that has not ended yet. */
export async function wasCommitted(session: Queryable, xid: string): Promise<boolean> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const [row] = await session.query<{ status: string | null }>(
      'SELECT pg_catalog.pg_xact_status($1::text::xid8) AS status',
      [xid],
    );
    if (row?.status !== 'in progress') return row?.status === 'committed';
    if (performance.now() > deadline)
      throw new SyncError('CONFLICT_TARGET_BUSY', 'The transaction of an earlier run has not ended yet.');
    await delay(pauseMs);
  }
}
