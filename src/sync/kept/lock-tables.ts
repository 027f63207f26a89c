import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { lockSequences } from './lock-sequences.ts';
import { sessionSettings } from '../../postgres/session-settings.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError, sqlState } from '../../postgres/sqlstate.ts';

const lockHoldersSql = sqlFile(import.meta.url, './lock-holders.sql');
const attempts = 3;
/** A session that waits for a lock makes everybody behind it wait too, so it must not wait for long. */
const waitMs = 5_000;
const pauseMs = 1_000;
/** 55P03: the lock was not available in time. 40P01: our statement was chosen to end a deadlock. */
const tryAgain = new Set(['55P03', '40P01']);

interface TableName {
  readonly schema: string;
  readonly name: string;
}

export interface LockInput {
  /** Asked in each attempt's own transaction. */
  readonly tables: () => readonly TableName[] | Promise<readonly TableName[]>;
  /** `SHARE` keeps writers off, `ACCESS EXCLUSIVE` everybody. */
  readonly mode: 'SHARE' | 'ACCESS EXCLUSIVE';
  /** Sequences that are locked as well. */
  readonly sequences?: readonly TableName[] | undefined;
  /** `Locking …`, for messages. */
  readonly what: string;
}

/**
 * Begins a transaction and locks tables in it, all at once. Three short attempts instead of a long one; a deadlock
 * with an application is tried again too. CONFLICT_TARGET_IN_USE names who holds the tables; no transaction is open
 * then.
 */
export async function beginLocked(
  session: Session,
  input: LockInput,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { sequences = [] } = input;
  for (let attempt = 1; ; attempt += 1) {
    let tables: readonly TableName[] = [];
    try {
      await session.execute(`BEGIN; SET LOCAL lock_timeout = ${waitMs}`, options);
      tables = await input.tables();
      const names = tables.map(({ schema, name }) => qualifiedName(schema, name));
      if (names.length > 0)
        await session.execute(`LOCK TABLE ONLY ${names.join(', ONLY ')} IN ${input.mode} MODE`, options);
      await lockSequences(session, sequences, options);
      const usual = sessionSettings('write').get('lock_timeout') ?? '0';
      await session.execute(`SET LOCAL lock_timeout = '${usual}'`, options);
      return;
    } catch (error) {
      options.signal.throwIfAborted();
      if (!tryAgain.has(sqlState(error) ?? '')) throw databaseError(error, 'target', input.what);
      await session.execute('ROLLBACK', options);
      if (attempt >= attempts) throw await inUse(session, [...tables, ...sequences], input, options);
    }
    await delay(pauseMs);
    options.signal.throwIfAborted();
  }
}

async function inUse(
  session: Session,
  tables: readonly TableName[],
  { mode, what }: LockInput,
  options: { readonly signal: AbortSignal },
): Promise<SyncError> {
  const names = tables.map(({ schema, name }) => qualifiedName(schema, name));
  const holders = await session.query<{ pid: number; role: string; application: string; tables: string }>(
    lockHoldersSql,
    [names, mode === 'ACCESS EXCLUSIVE'],
    options,
  );
  const who = holders.map(
    ({ pid, role, application, tables: held }) =>
      `pid ${pid} (${role}${application === '' ? '' : `, ${application}`}) on ${held}`,
  );
  return new SyncError(
    'CONFLICT_TARGET_IN_USE',
    `${what} failed in ${attempts} attempts of ${waitMs / 1000} s: ${who.length === 0 ? 'others hold them' : `held by ${who.join('; ')}`}.`,
    { details: { sessions: who }, hint: 'End these transactions, or run at a quieter time.' },
  );
}
