import type { StatementTracker } from './statement-tracker.ts';

/**
 * The bytes of a statement too long to be held, from its first one on, up to and with its semicolon. One pass only;
 * memory is one chunk. Throws STORAGE_DUMP_INCOMPLETE when the input ends first.
 */
export class LongStatement implements AsyncIterable<Buffer> {
  /** Passed so far; the statement's length once the iteration has ended. */
  bytes = 0;
  #head: Buffer | null;
  #done = false;
  readonly #tracker: StatementTracker;
  readonly #more: () => Promise<Buffer | null>;

  /** `more` gives the piece behind `head`, then the ones behind that; null when the statement has ended. */
  constructor(head: Buffer, tracker: StatementTracker, more: () => Promise<Buffer | null>) {
    this.#head = head;
    this.#tracker = tracker;
    this.#more = more;
  }

  /** Tokens passed so far, comments left out. */
  get tokens(): number {
    return this.#tracker.tokens;
  }

  /** False for an INSERT of something else than constants; known once the iteration has ended. */
  get insertsConstants(): boolean {
    return this.#tracker.insertsConstants;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    // A consumer that stops half way must not end the reader below: `drain` goes on from there.
    return { next: () => this.#next() };
  }

  /** Reads over what is left. */
  async drain(): Promise<void> {
    while ((await this.#next()).done !== true);
  }

  async #next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#done) return { done: true, value: undefined };
    const value = this.#head ?? (await this.#more());
    this.#head = null;
    if (value === null) {
      this.#done = true;
      return { done: true, value: undefined };
    }
    this.bytes += value.length;
    return { done: false, value };
  }
}
