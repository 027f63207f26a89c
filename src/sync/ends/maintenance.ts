import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseUrl } from '../../environments/database-url.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Database } from '../../postgres/database.ts';
import type { CallOptions, Queryable, Session } from '../../postgres/session.ts';
import type { Asker, Connect } from '../contract/run.ts';
import { databaseError, sqlState } from '../../postgres/sqlstate.ts';
import { lockTarget } from './lock.ts';
import type { TargetLock } from './target-lock.ts';

/** Databases from which another one can be renamed, in the order in which they are tried. */
const candidates = ['postgres', 'template1'] as const;
const reopenPauseMs = 250;

/** What answers queries and runs statements: a session, or one that can be opened again. */
export interface Statements extends Queryable {
  execute(text: string, options?: CallOptions): Promise<void>;
  /** Only where there is a session beside the target. */
  within?<T>(databaseName: string, work: (session: Session) => Promise<T>): Promise<T>;
}

/**
 * A session in a third database of the target's server, and the lock on the target that lives on it. A lost
 * connection can be opened again (`reopen`), so that a run can find out what became of its last statement and clear
 * up after itself.
 */
export class Maintenance implements Statements, AsyncDisposable {
  readonly #database: Database;
  #session: Session;
  readonly #connect: Connect;
  #locked: string | null = null;
  /** The lock in the target itself, which a swap needs as well. */
  targetLock: TargetLock | null = null;

  constructor(database: Database, session: Session, connect: Connect) {
    this.#database = database;
    this.#session = session;
    this.#connect = connect;
  }

  get session(): Session {
    return this.#session;
  }

  /** Of the backend that runs the statements now. */
  get pid(): number {
    return this.#session.pid;
  }

  /** True once the connection is lost, and until it is opened again. */
  get broken(): boolean {
    return this.#session.broken;
  }

  async query<Row>(
    text: string,
    values: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<readonly Row[]> {
    return this.#session.query<Row>(text, values, options).catch(this.#asLost);
  }

  async execute(text: string, options: CallOptions = {}): Promise<void> {
    await this.#session.execute(text, options).catch(this.#asLost);
  }

  /** Names a lost connection for every caller; what the server answered, the caller explains. */
  readonly #asLost = (error: unknown): never => {
    throw sqlState(error) === null
      ? databaseError(error, 'target', `Working on the server of ${this.#database.url.toString()}`)
      : error;
  };

  /** Ends a transaction that went wrong. A connection that cannot do that is given up. */
  async rollback(): Promise<void> {
    await this.#session.rollback();
  }

  /** Takes the target's lock (lock.ts); it is taken again with a new connection. CONFLICT_TARGET_BUSY. */
  async lock(databaseName: string, options: CallOptions): Promise<void> {
    await lockTarget(this.#session, databaseName, options);
    this.#locked = databaseName;
  }

  /** Runs `work` on a second session, while the first one is busy. */
  async beside<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#database.withSession(work);
  }

  /** Runs `work` on a session in another database of the server. */
  async within<T>(databaseName: string, work: (session: Session) => Promise<T>): Promise<T> {
    const { url } = this.#database;
    await using database = this.#connect(
      { side: 'target', url: url.withDatabase(databaseName) },
      { access: 'maintenance', connections: 1 },
    );
    return await database.withSession(work);
  }

  /**
   * Opens a lost connection again and takes the lock again. Holding the lock proves that the former backend is gone
   * and that its last statement is decided. `lock` is false for clearing up what only this run can have made: another
   * run may hold the lock by now. Tries for `patienceMs`. TARGET_UNAVAILABLE, AUTH_DATABASE, CONFLICT_TARGET_BUSY.
   */
  async reopen(patienceMs: number, { lock = true } = {}): Promise<void> {
    if (!this.broken) return;
    const deadline = performance.now() + patienceMs;
    const before = this.#session;
    await before.release();
    for (;;) {
      try {
        const session = await this.#database.connect();
        try {
          // The server may not have noticed yet that its client is gone.
          await session.query(
            "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = $1 AND a.application_name = pg_catalog.current_setting('application_name')",
            [before.pid],
          );
          if (lock && this.#locked !== null) await lockTarget(session, this.#locked, {});
        } catch (error) {
          await session.release();
          throw error;
        }
        this.#session = session;
        return;
      } catch (thrown) {
        const error = databaseError(thrown, 'target', 'Opening the lost connection again');
        if (performance.now() > deadline || error.retry === 'never') throw error;
        await delay(reopenPauseMs);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
    await this.#database.close();
  }
}

/**
 * Opens a session beside the target. Null when the role may connect to none of the databases that every server has:
 * then nothing can be renamed, and only `in-place` is left. Errors of the server or network as such are thrown.
 */
export async function openMaintenance(
  { connect, signal }: Asker,
  target: DatabaseUrl,
): Promise<Maintenance | null> {
  for (const databaseName of candidates) {
    if (databaseName === target.parts.database) continue;
    const database = connect(
      { side: 'target', url: target.withDatabase(databaseName) },
      { access: 'maintenance', connections: 2 },
    );
    try {
      return new Maintenance(database, await database.connect({ signal }), connect);
    } catch (error) {
      await database.close();
      if (!mayNotConnect(error)) throw error;
    }
  }
  return null;
}

/** No such database, or no right to connect to it: 3D000, 42501, 28000 (pg_hba.conf), 55000 (closed). */
function mayNotConnect(error: unknown): boolean {
  return error instanceof SyncError && ['3D000', '42501', '28000', '55000'].includes(error.sqlState ?? '');
}
