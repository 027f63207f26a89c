import { SyncError } from '../errors/sync-error.ts';
import type { CallOptions, PipelineQueryable, Queryable } from './session.ts';

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly signal: AbortSignal | undefined;
  readonly rows: Promise<readonly unknown[]>;
  readonly answer: (rows: readonly unknown[]) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Sends questions that are asked at the same time to the server together, so that whoever does not wait for each other
 * costs one round trip. What is asked meanwhile goes with the next round; the same text is asked once. The first signal
 * that fires, of the whole or of a question, ends all that is under way.
 */
export class Together implements Queryable {
  readonly #session: PipelineQueryable;
  readonly #signal: AbortSignal | undefined;
  #waiting: Asked[] = [];
  #sending: Promise<void> | null = null;
  #closed = false;

  constructor(session: PipelineQueryable, signal: AbortSignal | undefined) {
    this.#session = session;
    this.#signal = signal;
  }

  async query<Row>(
    text: string,
    values: readonly unknown[] = [],
    { signal }: CallOptions = {},
  ): Promise<readonly Row[]> {
    this.#signal?.throwIfAborted();
    signal?.throwIfAborted();
    // Somebody who goes on after another one has failed: nobody waits for the answer.
    if (this.#closed) throw new SyncError('INTERNAL', 'Nobody waits for this answer any more.');
    const same = this.#waiting.find(
      (other) => other.text === text && values.length + other.values.length === 0,
    );
    if (same !== undefined) return same.rows as Promise<readonly Row[]>;
    let answer: Asked['answer'] = () => {};
    let fail: Asked['fail'] = () => {};
    const rows = new Promise<readonly unknown[]>((resolve, reject) => {
      answer = resolve;
      fail = reject;
    });
    this.#waiting.push({ text, values, signal, rows, answer, fail });
    this.#sending ??= this.#send();
    return rows as Promise<readonly Row[]>;
  }

  /** Gives up what is not asked yet, and waits for what is: the session is free again then. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    await this.#sending;
  }

  async #send(): Promise<void> {
    // Everything that is asked in the same turn.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#sendTogether(batch);
    }
    this.#sending = null;
  }

  async #sendTogether(batch: readonly Asked[]): Promise<void> {
    let answered = 0;
    try {
      await this.#session.pipeline(
        batch,
        (index, rows) => {
          answered = index + 1;
          batch[index]?.answer(rows);
        },
        { signal: signalOf(batch, this.#signal) },
      );
    } catch (error) {
      const [failed, ...behind] = batch.slice(answered);
      failed?.fail(error);
      // Whoever asked what failed is heard first: it may have better words for it.
      await new Promise((resolve) => setImmediate(resolve));
      for (const { fail } of behind) fail(error);
    }
  }
}

function signalOf(batch: readonly Asked[], whole: AbortSignal | undefined): AbortSignal | undefined {
  const signals = [...new Set([whole, ...batch.map(({ signal }) => signal)])].flatMap((one) => one ?? []);
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
}
