import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type pg from 'pg';
import { explain } from '../errors/sync-error.ts';
import type { SyncError } from '../errors/sync-error.ts';
import { from as copyFromStream } from 'pg-copy-streams';
import type { CopyStreamQuery } from 'pg-copy-streams';
import { CopyOut } from './copy-out.ts';
import { LongStatement } from './long-statement.ts';
import { RawStatement, submitBytes } from './raw-statement.ts';
import { sqlState } from './sqlstate.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Anything that answers a query with rows: what the catalog reader and the search step need of a session. */
export interface Queryable {
  query<Row>(text: string, values?: readonly unknown[], options?: CallOptions): Promise<readonly Row[]>;
}

/** One message to the server, and the values of its parameters. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Anything that takes many statements without a round trip for each: what a catalogue is read by. */
export interface PipelineQueryable extends Queryable {
  pipeline(
    statements: readonly Statement[],
    onDone: (index: number, rows: readonly unknown[]) => void,
    options?: CallOptions,
  ): Promise<void>;
}

/** Whether the server answers anybody at all; asked on another connection. */
export type IsReachable = () => Promise<boolean>;

/** Ends the statement a backend is running; a session's abort goes through this. */
export type CancelBackend = (pid: number) => Promise<void>;

/** What a session needs of the world beside its own connection. */
export interface SessionControl {
  readonly cancelBackend: CancelBackend;
  readonly isReachable: IsReachable;
  /** An error of this session as one of ours, for whoever meets it unexplained. */
  readonly failure: (error: unknown) => SyncError;
  /** How long no byte may move while something is under way, before the server is asked whether it is there. */
  readonly silenceMs: number;
  /** How long a session may be quiet before it says a word, so that nobody on the way takes it for forgotten. */
  readonly quietMs: number;
}

/** A server that gives no answer twice in a row is gone. */
const answersMissed = 2;
/** How long a connection may take to close. */
const closeMs = 5_000;

/**
 * One connection, used by one caller at a time.
 *
 * Abort: the running statement is cancelled on the server (`pg_cancel_backend` through a control connection), the call
 * rejects with the signal's reason, and the session is closed instead of going back to its pool: its protocol state
 * and its transaction are unknown. The call returns when the cancel request is through, so that it cannot hit another
 * statement. With a signal that has already fired nothing is sent.
 *
 * Silence: a server may work for hours without a word, and a connection whose other end is gone looks the same. When no
 * byte has moved for a while the server is asked on a new connection; where it does not answer, this one is cut.
 *
 * Quiet: proxies, balancers and firewalls close connections on which nothing was said for a while, and probes of the
 * network do not count there. A session on which no byte moves says a word by itself (Flush, a message without an
 * answer, which the server reads between statements), whether it is idle or its server is busy.
 */
export class Session implements PipelineQueryable {
  readonly pid: number;
  readonly #client: pg.PoolClient;
  readonly #control: SessionControl;
  readonly #onLost = new Set<(error: unknown) => void>();
  readonly #speaking: NodeJS.Timeout;
  #broken = false;
  #retired = false;
  #released = false;
  /** Calls and COPYs under way. */
  #working = 0;
  /** In the middle of a message that is sent in pieces: nothing may come between. */
  #midMessage = false;
  #wordBytes = 0;
  /** The server's answer to `ping`; whoever wants the session waits for it. */
  #pinging: Promise<void> | null = null;

  constructor(client: pg.PoolClient, pid: number, control: SessionControl) {
    this.#client = client;
    this.pid = pid;
    this.#control = control;
    // A connection that dies while idle raises 'error' on the client; the next call reports it.
    client.on('error', this.#onClientError);
    this.#speaking = this.#speakWhenQuiet();
  }

  readonly #onClientError = (error: unknown): void => {
    this.#broken = true;
    for (const tell of this.#onLost) tell(error);
  };

  /**
   * Calls `tell` when the connection ends before it is released, whether something is under way or not. Returns the
   * undoing.
   */
  whenLost(tell: (error: unknown) => void): () => void {
    this.#onLost.add(tell);
    return () => this.#onLost.delete(tell);
  }

  /** Asks an idle session's server for an answer, which rejects when there is none; a busy session is left alone. */
  async ping(): Promise<void> {
    if (this.#working > 0 || this.#pinging !== null || this.#released) return;
    const asking = this.#abortable(undefined, () => this.#client.query('SELECT 1'));
    // Errors are the asking one's; whoever waits for the session meets them by itself.
    this.#pinging = asking.then(
      () => {},
      () => {},
    );
    try {
      await asking;
    } finally {
      this.#pinging = null;
    }
  }

  /** One statement, with values as parameters. */
  async query<Row>(
    text: string,
    values: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<readonly Row[]> {
    const result = await this.#abortable(options.signal, () =>
      // With values the extended protocol (one statement); without, the simple one.
      values.length === 0 ? this.#client.query(text) : this.#client.query(text, [...values]),
    );
    return result.rows as Row[];
  }

  /**
   * Statements that do not wait for each other's answers: one round trip for all, and the server works on while we
   * read. Each is a message of its own, as with `query` and `execute`; `onDone` is called as each is done, in their
   * order. Rejects with the first error, when the last is answered: in a transaction the server refuses what comes
   * behind an error.
   */
  async pipeline(
    statements: readonly Statement[],
    onDone: (index: number, rows: readonly unknown[]) => void,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#abortable(options.signal, () => inPipeline(this.#client, this.#socket, statements, onDone));
  }

  /** Runs SQL that returns nothing of interest: one or more statements, in one implicit transaction. */
  async execute(text: string, options: CallOptions = {}): Promise<void> {
    await this.#abortable(options.signal, () => this.#client.query(text));
  }

  /**
   * One statement as bytes in the session's client_encoding. Returns its command tag, `INSERT 0 1`; rows are not kept.
   */
  async executeBytes(text: Uint8Array, options: CallOptions = {}): Promise<string | null> {
    return this.#abortable(options.signal, () => {
      const statement = new RawStatement(text);
      this.#client.query(statement);
      return statement.done;
    });
  }

  /**
   * As `executeBytes`, for a statement that is not held: its bytes, of which there are exactly `length`, are sent as
   * they come. Once some are sent only the whole makes sense, so an abort, a failure of `text` and any other length
   * cut the connection. Memory: a chunk and the socket's buffer.
   */
  async executeLong(
    text: AsyncIterable<Uint8Array>,
    length: number,
    options: CallOptions & { readonly onBytes?: (bytes: number) => void } = {},
  ): Promise<string | null> {
    const { signal } = options;
    this.refuseAborted(signal);
    await this.#pinging;
    const unwatch = this.#watch();
    const statement = new LongStatement(length);
    const onAbort = (): void => this.cut();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#midMessage = true;
    try {
      this.#client.query(statement);
      await statement.send(text, options.onBytes);
      this.#midMessage = false;
      return await statement.done;
    } catch (error) {
      if (!statement.isWhole) this.cut();
      if (signal?.aborted === true) throw signal.reason;
      throw error;
    } finally {
      unwatch();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Starts `COPY … TO STDOUT`: the stream yields the bytes of COPY text, cut anywhere. Destroying it breaks the
   * session.
   */
  copyTo(text: string): Readable & { readonly rowCount: number } {
    const stream = this.#client.query(new CopyOut(text));
    this.#guard(stream);
    return stream;
  }

  /**
   * Starts `COPY … FROM STDIN`: whole or partial rows as COPY text. Destroying it sends CopyFail and breaks the
   * session.
   */
  copyFrom(text: string | Uint8Array): Writable & { readonly rowCount: number } {
    const copy = copyFromStream(typeof text === 'string' ? text : '');
    // Bytes are in the session's client_encoding; pg itself writes UTF-8 only.
    if (typeof text !== 'string') {
      copy.submit = (connection) => {
        // What its own `submit` does, but for the statement (pg-copy-streams 7).
        Object.assign(copy, { connection });
        submitBytes(connection, text);
      };
    }
    const stream: CopyStreamQuery = this.#client.query(copy);
    this.#guard(stream);
    return stream;
  }

  /** True once the caller has given it back. */
  get released(): boolean {
    return this.#released;
  }

  /** Whether a transaction block is open, as the server last said. */
  get inTransaction(): boolean {
    return this.#client.getTransactionStatus() === 'T';
  }

  /** True once the session cannot be used again. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Cancels what the session is running, and marks it as not reusable. */
  async cancel(): Promise<void> {
    this.#broken = true;
    await this.#control.cancelBackend(this.pid);
  }

  /**
   * Throws the reason of a signal that has already fired: nothing is sent, and nobody else gets this session after us.
   */
  refuseAborted(signal: AbortSignal | undefined): void {
    if (signal?.aborted !== true) return;
    // It may be in the middle of a transaction that nobody ends now.
    this.#retired = true;
    throw signal.reason;
  }

  /** Cuts the connection at once, whatever the server is doing. */
  cut(): void {
    this.#broken = true;
    this.#socket.destroy();
  }

  get #socket(): Socket {
    return (this.#client as unknown as { readonly connection: { readonly stream: Socket } }).connection
      .stream;
  }

  /** Ends a transaction that went wrong. It never fails: a connection that cannot do that is given up. */
  async rollback(): Promise<void> {
    if (!this.#broken) await this.execute('ROLLBACK').catch(() => this.cut());
  }

  /** Its settings are no longer ours: `release` will close it. Until then it is used as before. */
  retire(): void {
    this.#retired = true;
  }

  /** Gives the connection back, or closes it when its state is not known. Safe to call twice. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    clearInterval(this.#speaking);
    this.#client.off('error', this.#onClientError);
    if (!this.#broken && !this.#retired) {
      this.#client.release();
      return;
    }
    // Closing is asynchronous: whoever renames the database next must not find this connection still there.
    const socket = this.#socket;
    this.#client.on('error', () => {});
    this.#client.release(true);
    if (socket.closed) return;
    const patience = setTimeout(() => socket.destroy(), closeMs);
    // Whatever error it meets on its way, it closes.
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    clearTimeout(patience);
  }

  /** A COPY that does not end well leaves the protocol half way: the session is then done for. */
  #guard(stream: Readable | Writable): void {
    // pg may still report the end of the connection to a stream that was destroyed, and nobody listens there any more.
    stream.on('error', () => {});
    const unwatch = this.#watch();
    stream.once('close', () => {
      unwatch();
      const finished = 'writableFinished' in stream ? stream.writableFinished : stream.readableEnded;
      if (!finished || stream.errored !== null) this.#broken = true;
    });
  }

  async #abortable<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    this.refuseAborted(signal);
    if (this.#pinging !== null) {
      // A cancel would hit the ping.
      await this.#pinging;
      this.refuseAborted(signal);
    }
    const unwatch = this.#watch();
    const cancelling: Promise<void>[] = [];
    const onAbort = (): void => {
      const done = this.cancel().catch(() => {
        // The server cannot be reached any more; closing the socket is all that is left.
        this.cut();
      });
      cancelling.push(done);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await run();
    } catch (error) {
      if (endsSession(error)) this.#broken = true;
      explain(error, () => this.#control.failure(error));
      if (cancelling.length > 0) throw signal?.reason;
      throw error;
    } finally {
      unwatch();
      signal?.removeEventListener('abort', onAbort);
      // A cancel request on its way would hit whatever runs next.
      await Promise.all(cancelling);
    }
  }

  /** Cuts the connection when its server has gone silent for good. Returns how to stop looking. */
  #watch(): () => void {
    this.#working += 1;
    let before = this.#moved();
    let missed = 0;
    let asking = false;
    const look = async (): Promise<void> => {
      if (asking) return;
      const now = this.#moved();
      if (now !== before) {
        before = now;
        missed = 0;
        return;
      }
      asking = true;
      missed = (await this.#control.isReachable()) ? 0 : missed + 1;
      asking = false;
      if (missed >= answersMissed) this.cut();
    };
    const timer = setInterval(() => void look(), this.#control.silenceMs);
    timer.unref();
    return () => {
      this.#working -= 1;
      clearInterval(timer);
    };
  }

  #speakWhenQuiet(): NodeJS.Timeout {
    const { connection } = this.#client as unknown as { readonly connection: { flush(): void } };
    const { quietMs } = this.#control;
    let before = this.#moved();
    let heardAt = performance.now();
    const timer = setInterval(() => {
      const socket = this.#socket;
      const now = this.#moved();
      if (now !== before) heardAt = performance.now();
      before = now;
      if (performance.now() - heardAt < quietMs || this.#midMessage || !socket.writable) return;
      const { bytesWritten } = socket;
      connection.flush();
      this.#wordBytes += socket.bytesWritten - bytesWritten;
      heardAt = performance.now();
    }, quietMs / 4);
    timer.unref();
    return timer;
  }

  /** Bytes that went either way, without the words that were only said to be heard. */
  #moved(): number {
    const { bytesRead, bytesWritten } = this.#socket;
    return bytesRead + bytesWritten - this.#wordBytes;
  }
}

/**
 * With these the server says that it ends the session: its answer comes before the end of the connection is seen, and
 * whoever asks whether the session is lost would hear that it is not.
 */
function endsSession(error: unknown): boolean {
  return /^(?:57P0[1-5]|25P0[34])$/.test(sqlState(error) ?? '');
}

/** pg's pipeline mode is for whole connections, on which no COPY is possible: it is on for these statements alone. */
async function inPipeline(
  client: pg.PoolClient,
  socket: Socket,
  statements: readonly Statement[],
  onDone: (index: number, rows: readonly unknown[]) => void,
): Promise<void> {
  const mode = client as { pipeline: boolean };
  const answers: Promise<pg.QueryResult>[] = [];
  mode.pipeline = true;
  socket.cork();
  try {
    for (const { text, values = [] } of statements)
      answers.push(values.length === 0 ? client.query(text) : client.query(text, [...values]));
  } finally {
    socket.uncork();
  }
  const answered = Promise.allSettled(answers);
  try {
    for (const [index, answer] of answers.entries()) {
      const { rows } = await answer;
      onDone(index, rows);
    }
  } finally {
    await answered;
    mode.pipeline = false;
  }
}
