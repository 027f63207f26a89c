import type { Writable } from 'node:stream';
import type pg from 'pg';
import { SyncError } from '../errors/sync-error.ts';
import { parseHead, parseTail, RawStatement } from './raw-statement.ts';

/**
 * A statement as bytes that come piece by piece. `submit` says its length; `send` must follow with exactly so many
 * bytes.
 */
export class LongStatement extends RawStatement {
  /** Everything was sent: the connection can be used on. */
  isWhole = false;
  readonly #length: number;
  #stream: Writable | null = null;
  /** A connection that is lost ends the statement, and nothing drains any more. */
  #ended = false;
  #wake: () => void = () => {};

  constructor(length: number) {
    super(Buffer.alloc(0));
    this.#length = length;
    // Whoever stops at a failure of `send` never asks how the statement ended.
    this.done.catch(() => {});
  }

  override submit({ stream }: pg.Connection): void {
    stream.write(parseHead(this.#length));
    this.#stream = stream;
    this.#wake();
  }

  /** Returns when all is sent, or the statement has ended before: `done` tells how. */
  async send(text: AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void): Promise<void> {
    if (this.#stream === null && !this.#ended) await this.#woken();
    let sent = 0;
    for await (const piece of text) {
      sent += piece.length;
      if (sent > this.#length) throw changed();
      if (this.#stream?.write(piece) === false && !this.#ended) {
        this.#stream.once('drain', () => this.#wake());
        await this.#woken();
      }
      if (this.#ended) return;
      onBytes?.(piece.length);
    }
    if (sent < this.#length) throw changed();
    this.#stream?.write(parseTail);
    this.isWhole = true;
  }

  override handleError(error: Error): void {
    super.handleError(error);
    this.#end();
  }

  override handleReadyForQuery(): void {
    super.handleReadyForQuery();
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

function changed(): SyncError {
  return new SyncError('STORAGE_DUMP_DAMAGED', 'A statement has another length than when it was inspected.');
}
