import type pg from 'pg';
import type { DatabaseUrl } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import { sqlState } from './sqlstate.ts';
import type { Side } from './conditions.ts';

const backendPid = 'SELECT pg_catalog.pg_backend_pid() AS pid';
/** Poolers differ in which idle server they hand out next: last used (PgBouncer), first used, random. */
const rounds = 6;
const waitMsDefault = 10_000;

/** What `refuseSharedBackends` needs to open a second connection to the same place. */
export interface SharedBackendsDeps {
  readonly url: DatabaseUrl;
  readonly side: Side;
  readonly open: () => pg.Client;
}

function transactionPoolerError(url: DatabaseUrl, reason: string, cause?: unknown): SyncError {
  return new SyncError(
    'CONFIG_POOLER',
    `${url.toString()} is a pooler in transaction mode (${reason}): snapshots, settings and locks would ` +
      'not last from one statement to the next.',
    { cause },
  );
}

/**
 * Throws CONFIG_POOLER unless the server behind `client` is one backend, the same for every statement and not given to
 * another connection meanwhile. Changes nothing on the server but a private placeholder setting. For connections whose
 * backend is not the one that greeted them; some 20 round trips and a second connection for the time of the call.
 * Also throws what the second connection throws, and SOURCE_UNAVAILABLE or TARGET_UNAVAILABLE when that is not answered
 * within the address's connect_timeout: a pooler that keeps backends may have only one.
 */
export async function refuseSharedBackends(client: pg.ClientBase, deps: SharedBackendsDeps): Promise<void> {
  const first = await pidOf(client);
  const refuseChange = (pid: number): void => {
    if (pid !== first)
      throw transactionPoolerError(deps.url, 'two statements of one connection met two backends');
  };
  // A pooler that picks the longest unused server, or resets between transactions, shows it on one connection.
  refuseChange(await pidOf(client));
  const other = deps.open();
  // A connection that dies is reported by the statement that needed it.
  other.on('error', () => {});
  try {
    await answered(other.connect(), deps);
    for (let round = 0; round < rounds; round += 1) {
      const inTransaction = round % 2 === 0;
      if (inTransaction) await answered(begin(other, deps.url), deps);
      if ((await answered(pidOf(other), deps)) === first) {
        throw transactionPoolerError(deps.url, 'one backend served two connections');
      }
      refuseChange(await pidOf(client));
      if (inTransaction) await other.query('ROLLBACK');
    }
  } finally {
    // Not awaited: a server that never answered would not say goodbye either.
    other.end().catch(() => {});
  }
  await client.query("SELECT pg_catalog.set_config('multiboard_sync.kept', 'yes', false)");
  const { rows } = await client.query<{ readonly kept: string | null }>(
    "SELECT pg_catalog.current_setting('multiboard_sync.kept', true) AS kept",
  );
  if (rows[0]?.kept !== 'yes') throw transactionPoolerError(deps.url, 'a setting did not last');
}

async function pidOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ readonly pid: number }>(backendPid);
  return rows[0]?.pid ?? 0;
}

/** PgBouncer in statement mode refuses transactions, with a protocol violation. */
async function begin(client: pg.Client, url: DatabaseUrl): Promise<void> {
  try {
    await client.query('BEGIN');
  } catch (error) {
    if (sqlState(error) !== '08P01') throw error;
    throw transactionPoolerError(url, 'it takes no transactions', error);
  }
}

function answered<T>(running: Promise<T>, { url, side }: SharedBackendsDeps): Promise<T> {
  const waitMs = url.parts.connectTimeoutSeconds * 1000 || waitMsDefault;
  return inTime(running, waitMs, () => {
    throw new SyncError(
      side === 'source' ? 'SOURCE_UNAVAILABLE' : 'TARGET_UNAVAILABLE',
      `${url.toString()} is a pooler that gives only one connection; a run needs several.`,
    );
  });
}
