import { Client, Pool } from 'pg';
import type pg from 'pg';
import type { DatabaseUrl } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import type { Secret } from '../lib/secret.ts';
import { sqlFile } from '../lib/sql-file.ts';
import { insistingStream } from './channel-binding.ts';
import type { Side } from './conditions.ts';
import { Session } from './session.ts';
import { sessionSettings } from './session-settings.ts';
import type { Access } from './session-settings.ts';
import { reachingStream } from './reach.ts';
import { refuseSharedBackends } from './shared-backends.ts';
import { connectionError } from './connection-error.ts';
import { setSecret } from './set-secret.ts';
import { databaseError } from './sqlstate.ts';
import { tlsAttempts } from './tls.ts';

const pinSession = sqlFile(import.meta.url, './pin-session.sql');

/** Connections of one job to one database at most; a queue forms beyond it. */
const poolConnectionsMax = 5;
const idleTimeoutMs = 30_000;
const cancelTimeoutMs = 5_000;
/**
 * With two questions unanswered, each for the time a connection may take, a dead server is noticed in under a minute.
 */
const silenceMsDefault = 15_000;
/** The shortest limits that proxies are given are some seconds; a word is five bytes. */
const quietMsDefault = 2_000;
/** Idle connections are probed by our system after this long; a firewall that forgot one shows itself. */
const keepAliveMs = 30_000;

export interface OpenDatabaseInput {
  readonly url: DatabaseUrl;
  /** Whose fault an error is. */
  readonly side: Side;
  /** What its sessions may do, and how long they wait; a target may be read like a source. */
  readonly access: Access;
  /** Seen in pg_stat_activity: `multiboard-sync <job> <what>`; cut to 63 bytes by the server. */
  readonly applicationName: string;
  readonly connectionsMax?: number;
  /** Settings of its sessions that nobody else is to see. */
  readonly secrets?: ReadonlyMap<string, Secret> | undefined;
  /** See `SessionControl`. */
  readonly silenceMs?: number;
  /** See `SessionControl`. */
  readonly quietMs?: number;
}

/**
 * A small pool of pinned sessions to one database. Opens no connection before the first `connect()`.
 * Errors: AUTH_DATABASE, SOURCE_UNAVAILABLE or TARGET_UNAVAILABLE (by side), CONFIG_INVALID (TLS), CONFIG_POOLER
 * (nothing is pinned on connections that a transaction pooler would hand to others).
 */
export class Database implements AsyncDisposable {
  readonly url: DatabaseUrl;
  readonly side: Side;
  readonly #input: OpenDatabaseInput;
  #pool: Promise<pg.Pool> | null = null;
  /** Process ids of the backends behind the clients: what a pooler tells at the start is an id of its own. */
  readonly #pids = new WeakMap<pg.ClientBase, number>();
  #keepsBackends = false;
  #closed = false;

  constructor(input: OpenDatabaseInput) {
    this.url = input.url;
    this.side = input.side;
    this.#input = input;
  }

  /** Known from the first `connect()` on: a pooler answers, which keeps one backend for each connection. */
  get throughPooler(): boolean {
    return this.#keepsBackends;
  }

  /** A session of its own for the caller, who must `release()` it. */
  async connect(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Session> {
    options.signal?.throwIfAborted();
    if (this.#closed) throw new SyncError('INTERNAL', `The pool of ${this.url.toString()} is closed.`);
    try {
      const client = await (await this.#openedPool()).connect();
      const pid = this.#pids.get(client);
      if (pid === undefined) throw new SyncError('INTERNAL', 'A connection was handed out unpinned.');
      return new Session(client, pid, {
        cancelBackend: (victim) => this.#cancelBackend(victim),
        isReachable: () => this.#isReachable(),
        failure: (error) => databaseError(error, this.side, `Working on ${this.url.toString()}`),
        silenceMs: this.#input.silenceMs ?? silenceMsDefault,
        quietMs: this.#input.quietMs ?? quietMsDefault,
      });
    } catch (error) {
      throw connectionError(error, this.side, this.url);
    }
  }

  /** Runs `work` with a session and gives it back. */
  async withSession<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const session = await this.connect({ signal });
    try {
      return await work(session);
    } finally {
      await session.release();
    }
  }

  /** Closes every connection; waits until each socket is closed. */
  async close(): Promise<void> {
    this.#closed = true;
    const opening = this.#pool;
    this.#pool = null;
    // One that could not be opened has nothing to close.
    const pool = await opening?.catch(() => null);
    await pool?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** One pool, also for those who ask at the same time; a failure is not remembered. */
  async #openedPool(): Promise<pg.Pool> {
    const opening = (this.#pool ??= this.#openPool());
    try {
      return await opening;
    } catch (error) {
      if (this.#pool === opening) this.#pool = null;
      throw error;
    }
  }

  /** Tries the TLS modes that `sslmode` allows, in libpq's order, and keeps the first that connects. */
  async #openPool(): Promise<pg.Pool> {
    const attempts = await tlsAttempts(this.url.parts);
    for (const [index, ssl] of attempts.entries()) {
      const pool = this.#newPool(ssl);
      try {
        (await pool.connect()).release();
        return pool;
      } catch (error) {
        await pool.end();
        const last = index === attempts.length - 1;
        if (last || !isTlsRefusal(error)) throw error;
      }
    }
    throw new SyncError('INTERNAL', 'No TLS mode to try.');
  }

  #newPool(ssl: pg.ClientConfig['ssl'] & {}): pg.Pool {
    const { host, port, user, password, database, connectTimeoutSeconds, options, channelBinding } =
      this.url.parts;
    const client: pg.ClientConfig = {
      host,
      port,
      user,
      password: password?.reveal(),
      database,
      ssl,
      enableChannelBinding: channelBinding !== 'disable',
      ...(options === null ? {} : { options }),
      connectionTimeoutMillis: connectTimeoutSeconds * 1000,
      stream: insistingStream(channelBinding, reachingStream(connectTimeoutSeconds * 1000)),
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
      application_name: this.#input.applicationName,
      client_encoding: 'UTF8',
    };
    const pool = new Pool({
      ...client,
      max: this.#input.connectionsMax ?? poolConnectionsMax,
      idleTimeoutMillis: idleTimeoutMs,
      // pg-pool waits for the promise, though its type does not say so.
      // oxlint-disable-next-line typescript/no-misused-promises
      onConnect: (opened) => this.#pin(opened, client),
    });
    // An idle connection that the server cuts raises 'error' here; the pool drops it and opens another when asked.
    pool.on('error', () => {});
    return pool;
  }

  /**
   * One round trip on a direct connection. Where the backend that answers is not the one that greeted us, something
   * stands between: only when that keeps one backend per connection may settings be pinned, for in a transaction
   * pooler they would stay behind for the next user.
   */
  async #pin(client: pg.ClientBase, config: pg.ClientConfig): Promise<void> {
    const settings = sessionSettings(this.#input.access);
    const { processID } = client as unknown as { readonly processID: number };
    const pin = async (onlyOn: number | null): Promise<number | undefined> => {
      const values = [[...settings.keys()], [...settings.values()], onlyOn];
      // Not in the type: pg gives up waiting after it.
      const bound = { query_timeout: this.url.parts.connectTimeoutSeconds * 1000 };
      const { rows } = await client.query<{ readonly pid: number }>({ text: pinSession, values, ...bound });
      return rows[0]?.pid;
    };
    let pid = await pin(this.#keepsBackends ? null : processID);
    if (pid === undefined) {
      await refuseSharedBackends(client, {
        url: this.url,
        side: this.side,
        open: () => new Client(config),
      });
      this.#keepsBackends = true;
      pid = await pin(null);
    }
    for (const [name, secret] of this.#input.secrets ?? []) await setSecret(client, name, secret.reveal());
    if (pid !== undefined) this.#pids.set(client, pid);
  }

  /** An answer of any kind is one: a shut door, a full house, a server that is starting. */
  async #isReachable(): Promise<boolean> {
    await using control = this.#control('probe');
    try {
      await control.withSession((session) => session.query('SELECT 1'));
      return true;
    } catch (error) {
      return !(error instanceof SyncError) || error.retry === 'never' || error.sqlState !== null;
    }
  }

  #control(purpose: 'cancel' | 'probe'): Database {
    return new Database({
      ...this.#input,
      secrets: undefined,
      applicationName: `multiboard-sync ${purpose}`,
      connectionsMax: 1,
    });
  }

  async #cancelBackend(pid: number): Promise<void> {
    await using control = this.#control('cancel');
    const cancelled = control.withSession((session) =>
      session.query('SELECT pg_catalog.pg_cancel_backend($1)', [pid]),
    );
    await inTime(cancelled, cancelTimeoutMs, () => {
      throw new SyncError('INTERNAL', 'The cancel request was not answered in time.');
    });
  }
}

/** The server speaks no TLS, or insists on it: the two answers after which libpq tries the other way. */
function isTlsRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  return error.message.includes('does not support SSL') || code === '28000';
}
