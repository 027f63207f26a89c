import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { Database } from '../../postgres/database.ts';
import { keepWatch } from '../../postgres/keep-watch.ts';
import type { CallOptions, Queryable, Session } from '../../postgres/session.ts';
import { serverFact } from '../../postgres/sqlstate.ts';
import { lockTarget } from './lock.ts';

const lockHeldSql = sqlFile(import.meta.url, './lock-held.sql');
const holdInTransactionSql = sqlFile(import.meta.url, './hold-in-transaction.sql');

/**
 * A run's lock on its target (lock.ts), in the target itself, where the runs of all roles meet.
 *
 * While it is held, `signal` fires with the caller's own, or with TARGET_LOCK_LOST a moment after a session that
 * holds a lock of this run has ended: a run without its lock must not go on. That alone would leave a moment in which
 * another run could begin, so whoever changes the target proves the lock in the transaction that does it: a swap by
 * `prove` (it ends every other session on the target, so a lock that somebody else took meanwhile ends with it), a
 * replacement in place by `holdIn`.
 *
 * A swap ends all sessions on the target, this one last (`leave`), and the lock is taken again for the next swap
 * (`ensure`). Life: `take` → (`leave` → `ensure`)… → dispose.
 */
export class TargetLock implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly #database: Database;
  readonly #name: string;
  readonly #lost: AbortController;
  #session: Session;
  #unwatch: () => void;

  private constructor(
    database: Database,
    name: string,
    session: Session,
    beside: Session | null,
    signal: AbortSignal,
  ) {
    this.#database = database;
    this.#name = name;
    this.#session = session;
    this.#lost = new AbortController();
    this.signal = AbortSignal.any([signal, this.#lost.signal]);
    this.#unwatch = this.#watch(beside === null ? [session] : [session, beside]);
  }

  /**
   * Takes the lock on a session of `database`, the target; `beside` holds it in another database. CONFLICT_TARGET_BUSY.
   */
  static async take(
    database: Database,
    name: string,
    beside: Session | null,
    options: { readonly signal: AbortSignal },
  ): Promise<TargetLock> {
    const session = await database.connect(options);
    try {
      await lockTarget(session, name, options);
    } catch (error) {
      await session.release();
      throw error;
    }
    return new TargetLock(database, name, session, beside, options.signal);
  }

  /** Of the backend that holds the lock. */
  get pid(): number {
    return this.#session.pid;
  }

  /** For what is to be asked of the target beside the lock. */
  get session(): Session {
    return this.#session;
  }

  /**
   * Proves that all locks are held; asked by the session that holds the other lock, in the transaction that swaps the
   * target. Null if there is no other lock. TARGET_LOCK_LOST.
   */
  async prove(beside: Queryable | null): Promise<void> {
    const asking = beside ?? this.#session;
    const [row] = await asking.query<{ here: boolean; there: boolean }>(lockHeldSql, [this.#name, this.pid]);
    if (row === undefined || !row.here || !row.there)
      throw lockLost(this.#name, 'the server no longer shows it');
  }

  /**
   * Takes a lock in the transaction of `changing`: until that ends no other run starts on this target, even if this
   * lock's own session is lost. TARGET_LOCK_LOST, CONFLICT_TARGET_BUSY.
   */
  async holdIn(changing: Session, options: CallOptions): Promise<void> {
    const [row] = await changing.query<{ taken: boolean; held: boolean }>(
      holdInTransactionSql,
      [this.#name, this.pid],
      options,
    );
    if (row?.taken !== true)
      throw new SyncError(
        'CONFLICT_TARGET_BUSY',
        `The transaction of another run on the database "${this.#name}" has not ended yet.`,
      );
    if (!row.held) throw lockLost(this.#name, 'the server no longer shows it');
  }

  /** Ends the session on the target on purpose; its loss is no longer reported. */
  async leave(): Promise<void> {
    this.#unwatch();
    this.#session.retire();
    await this.#session.release();
  }

  /**
   * Takes the lock again after its session was ended on purpose. CONFLICT_TARGET_BUSY when another run holds it
   * meanwhile.
   */
  async ensure(): Promise<void> {
    if (!this.#session.released) return;
    const session = await this.#database.connect();
    try {
      await lockTarget(session, this.#name, {});
    } catch (error) {
      await session.release();
      throw error;
    }
    this.#session = session;
    this.#unwatch = this.#watch([session]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unwatch();
    // Its lock must not go back into the pool.
    await this.leave();
  }

  #watch(sessions: readonly Session[]): () => void {
    return keepWatch(sessions, (error) => this.#lost.abort(lockLost(this.#name, serverFact(error))));
  }
}

function lockLost(name: string, fact: string): SyncError {
  return new SyncError(
    'TARGET_LOCK_LOST',
    `The session that held the lock of the database "${name}" was closed from outside (${fact}), so ` +
      'another run could have started; this one was stopped.',
  );
}
