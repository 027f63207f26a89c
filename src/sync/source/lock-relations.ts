import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { Session } from '../../postgres/session.ts';
import { sqlState } from '../../postgres/sqlstate.ts';

const lockHoldersSql = sqlFile(import.meta.url, './lock-holders.sql');
/** Tables per LOCK statement: a few ten thousand bytes of SQL. */
const batch = 250;
const lockNotAvailable = '55P03';

/**
 * Locks tables (quoted names) ACCESS SHARE in the session's transaction, none of them for longer than its
 * `lock_timeout`. SOURCE_LOCK_TIMEOUT names the tables that somebody is changing, and who.
 */
export async function lockRelations(
  session: Session,
  names: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  for (let from = 0; from < names.length; from += batch) {
    const some = names.slice(from, from + batch);
    try {
      await session.execute(`LOCK TABLE ONLY ${some.join(', ONLY ')} IN ACCESS SHARE MODE`, options);
    } catch (error) {
      options.signal.throwIfAborted();
      throw sqlState(error) === lockNotAvailable ? await beingChanged(session, some, options, error) : error;
    }
  }
}

async function beingChanged(
  session: Session,
  names: readonly string[],
  options: { readonly signal: AbortSignal },
  cause: unknown,
): Promise<SyncError> {
  await session.execute('ROLLBACK', options);
  const holders = await session.query<{ pid: number; role: string; application: string; tables: string }>(
    lockHoldersSql,
    [names],
    options,
  );
  const who = holders.map(
    ({ pid, role, application, tables }) =>
      `${tables} by pid ${pid} (${role}${application === '' ? '' : `, ${application}`})`,
  );
  return new SyncError(
    'SOURCE_LOCK_TIMEOUT',
    who.length === 0
      ? 'A transaction, which has ended meanwhile, was changing tables.'
      : `Transactions that have not ended are changing tables: ${who.join('; ')}.`,
    { cause, details: { sessions: who } },
  );
}
