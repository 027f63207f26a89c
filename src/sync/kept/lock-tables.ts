import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { sessionSettings } from '../../postgres/session-settings.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError, sqlState } from '../../postgres/sqlstate.ts';
import { lockSequences } from './lock-sequences.ts';
import { lockStatements } from './lock-statements.ts';
import type { LockedRelation, LockMode } from './lock-statements.ts';

const lockHoldersSql = sqlFile(import.meta.url, './lock-holders.sql');

/**
 * How long one try may wait. Everybody who comes after a session that waits for a lock waits as well, so a try is
 * short; it is over long before anybody's `deadlock_timeout` (1 s), so that nobody's transaction is ended because of
 * us. Where only writers wait, tries get longer up to the second number.
 */
const tryMs: Readonly<Record<LockMode, readonly [first: number, longest: number]>> = {
  'ACCESS EXCLUSIVE': [50, 50],
  SHARE: [50, 400],
};
/** Others get on meanwhile. */
const pauseMs = { first: 20, longest: 1_000 } as const;
/** A server ends its own VACUUM or ANALYZE for somebody who has waited for `deadlock_timeout`. */
const untilVacuumEnds = `SELECT pg_catalog.set_config('lock_timeout', (s.setting::int + 1000)::text, true)
FROM pg_catalog.pg_settings AS s WHERE s.name = 'deadlock_timeout'`;
/**
 * 55P03, 57014: the time was over. 40P01: our statement was chosen to end a deadlock. 42P01: a relation has gone since
 * its name was read.
 */
const tryAgain = new Set(['55P03', '57014', '40P01', '42P01']);

export interface LockInput {
  /** In their order. Asked in each try's own transaction. */
  readonly relations: () => readonly LockedRelation[] | Promise<readonly LockedRelation[]>;
  /** `SHARE` keeps writers off, `ACCESS EXCLUSIVE` everybody. */
  readonly mode: LockMode;
  /** Sequences that are locked as well. */
  readonly sequences?: readonly Pick<LockedRelation, 'schema' | 'name'>[] | undefined;
  /** Seconds after which no more try is made. */
  readonly waitSeconds: number;
  /** `Locking …`, for messages. */
  readonly what: string;
}

interface Holder {
  readonly pid: number;
  readonly role: string;
  readonly application: string;
  readonly tables: string;
  /** Tables that a VACUUM or ANALYZE, or the like, is working on: nobody who reads or writes holds them so. */
  readonly maintained: readonly string[];
}

/**
 * Locks relations, all or none: many short tries with pauses between them, so that nobody waits behind us for longer
 * than one. In a new transaction, or, where one is open, in that one, which keeps what it has. CONFLICT_TARGET_IN_USE
 * names who holds them; no transaction is open then.
 */
export async function beginLocked(
  session: Session,
  input: LockInput,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { begin, undo, done } = session.inTransaction ? withinTransaction : newTransaction;
  const { sequences = [], mode, waitSeconds, what } = input;
  const deadline = performance.now() + waitSeconds * 1_000;
  let [triesMs] = tryMs[mode];
  let restMs: number = pauseMs.first;
  let holders: readonly Holder[] = [];
  for (;;) {
    let relations: readonly LockedRelation[] = [];
    try {
      await session.execute(begin, options);
      relations = await input.relations();
      await keepMaintenanceOff(session, holders, options);
      const statements = lockStatements(relations, { mode, tryMs: triesMs });
      if (statements !== '') await session.execute(statements, options);
      await lockSequences(session, sequences, options);
      await session.execute(`${usualTimeouts}; ${done}`, options);
      return;
    } catch (error) {
      options.signal.throwIfAborted();
      if (!tryAgain.has(sqlState(error) ?? '')) throw databaseError(error, 'target', what);
      await session.execute(undo, options);
      const found = await holdersOf(session, [...relations, ...sequences], mode, options);
      // Between two tries they may have let go for a moment.
      if (found.length > 0) holders = found;
      if (performance.now() > deadline) {
        await session.rollback();
        throw inUse(holders, input);
      }
    }
    await delay(restMs * (0.5 + Math.random()));
    options.signal.throwIfAborted();
    restMs = Math.min(restMs * 2, pauseMs.longest);
    triesMs = Math.min(triesMs * 2, tryMs[mode][1]);
  }
}

const newTransaction = { begin: 'BEGIN', undo: 'ROLLBACK', done: 'SELECT' } as const;
/** Going back to a savepoint gives back the locks that were taken since. */
const withinTransaction = {
  begin: 'SAVEPOINT locks',
  undo: 'ROLLBACK TO SAVEPOINT locks; RELEASE SAVEPOINT locks',
  done: 'RELEASE SAVEPOINT locks',
} as const;

const usualTimeouts = ['lock_timeout', 'statement_timeout']
  .map((setting) => `SET LOCAL ${setting} = '${sessionSettings('write').get(setting) ?? '0'}'`)
  .join('; ');

/**
 * The server's own VACUUM gives way only to who waits for a second, which a try never does. This lock is waited for
 * that long, and neither readers nor writers wait behind it.
 */
async function keepMaintenanceOff(
  session: Session,
  holders: readonly Holder[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const tables = [...new Set(holders.flatMap(({ maintained }) => maintained))].toSorted();
  if (tables.length === 0) return;
  await session.execute(
    `${untilVacuumEnds};
LOCK TABLE ONLY ${tables.join(', ONLY ')} IN SHARE UPDATE EXCLUSIVE MODE`,
    options,
  );
}

async function holdersOf(
  session: Session,
  relations: readonly Pick<LockedRelation, 'schema' | 'name'>[],
  mode: LockMode,
  options: { readonly signal: AbortSignal },
): Promise<readonly Holder[]> {
  const names = relations.map(({ schema, name }) => qualifiedName(schema, name));
  return session.query<Holder>(lockHoldersSql, [names, mode === 'ACCESS EXCLUSIVE'], options);
}

function inUse(holders: readonly Holder[], { waitSeconds, what }: LockInput): SyncError {
  const who = holders.map(
    ({ pid, role, application, tables }) =>
      `pid ${pid} (${role}${application === '' ? '' : `, ${application}`}) on ${tables}`,
  );
  return new SyncError(
    'CONFLICT_TARGET_IN_USE',
    `${what} failed in ${waitSeconds} s of short tries: ${who.length === 0 ? 'others hold them' : `held by ${who.join('; ')}`}.`,
    {
      details: { sessions: who },
      hint: 'End these transactions, run at a quieter time, or raise LOCK_WAIT_SECONDS.',
    },
  );
}
