import type { Logger } from 'pino';
import { SyncError } from './errors/sync-error.ts';
import { loggableError } from './http/problem.ts';
import type { JobWorker } from './jobs/worker.ts';
import { deferred } from './lib/deferred.ts';
import { Releasers } from './lib/releasers.ts';

/**
 * The life of a process that runs jobs. It goes through these states in this order:
 *
 * - *starting*: the caller opens one thing after the other and defers the closing of each. → running, by `begin`. A
 *   `stop` only aborts `starting`; the caller sees that, gives up, and calls `close`.
 * - *running*: → closing, by `stop`, `force` or `fail`.
 * - *closing*: the worker drains (by force: leaves at once), then everything is closed, last opened first. → closed.
 * - *closed*: `stopped` is settled. It rejects with what ended the work of the process, or with what failed to close.
 */
export class ProcessLife {
  readonly releasers: Releasers = new Releasers();
  readonly #logger: Logger;
  readonly #starting = new AbortController();
  readonly #closed = deferred();
  #isStarted = false;
  /** Null until it runs. */
  #worker: JobWorker | null = null;
  /** Set from closing on. */
  #closing: Promise<void> | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Aborted by a stop during the start, with the reason. */
  get starting(): AbortSignal {
    return this.#starting.signal;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  get isStopping(): boolean {
    return this.#closing !== null || this.#starting.signal.aborted;
  }

  /** The start was asked to stop: that is no failure, and the process is one that has stopped. */
  get wasStoppedEarly(): boolean {
    const { reason } = this.#starting.signal as { readonly reason?: unknown };
    return reason instanceof SyncError && reason.code === 'SERVICE_STOPPING';
  }

  /** Settles when closed. */
  get stopped(): Promise<void> {
    return this.#closed.promise;
  }

  /** The worker takes jobs: the start is over. Throws if a stop came first; `close` then stops the worker too. */
  begin(worker: JobWorker): void {
    this.#worker = worker;
    this.#starting.signal.throwIfAborted();
    this.#isStarted = true;
  }

  stop(failure: SyncError | null = null): Promise<void> {
    if (!this.#isStarted) {
      this.#starting.abort(failure ?? stoppedEarly());
      return this.#closed.promise;
    }
    if (this.#closing === null)
      this.#logger.info({ running: this.#worker?.running ?? 0 }, 'Stopping; running jobs may end first');
    return this.close(failure);
  }

  /** Also while an ordinary stop waits: the jobs stay as they are, for the next worker. */
  async force(): Promise<void> {
    const closed = this.stop();
    await this.#worker?.stop({ force: true });
    await closed;
  }

  /** Something without which nothing goes on has ended by itself: so does this process. */
  fail(failure: SyncError, message: string): void {
    if (this.isStopping) return;
    this.#logger.error(loggableError(failure), message);
    // Whoever awaits `stopped` hears of it.
    this.stop(failure).catch(() => {});
  }

  /** Closes everything, once; `failure` is then thrown, here and by `stopped`. */
  close(failure: SyncError | null = null): Promise<void> {
    this.#closing ??= this.#closeAll(failure);
    return this.#closing;
  }

  async #closeAll(failure: SyncError | null): Promise<void> {
    try {
      try {
        await this.#worker?.stop();
      } finally {
        await this.releasers.release();
      }
      if (failure !== null) throw failure;
    } catch (error) {
      this.#closed.reject(error);
      throw error;
    }
    this.#closed.resolve();
  }
}

const stoppedEarly = (): SyncError =>
  new SyncError('SERVICE_STOPPING', 'The service was stopped while it started.');
