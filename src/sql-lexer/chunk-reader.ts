import { countLineFeeds } from './bytes.ts';

/** Where a reader of chunks stands: the present chunk, the place in it, and what that place is in the whole input. */
export class ChunkReader {
  chunk: Buffer = Buffer.alloc(0);
  /** Index in `chunk` of the next byte. */
  at = 0;
  /** Offset of the chunk's first byte in the input. */
  base = 0;
  readonly #source: AsyncIterator<Buffer>;
  #line = 1;
  #lineAt = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#source = chunks[Symbol.asyncIterator]();
  }

  get offset(): number {
    return this.base + this.at;
  }

  /** The line (from 1) of the next byte. */
  get line(): number {
    return this.lineAt(this.offset);
  }

  /** The line of an offset in the present chunk, not before the last one asked for. */
  lineAt(offset: number): number {
    const index = Math.max(offset - this.base, this.#lineAt);
    this.#line += countLineFeeds(this.chunk, this.#lineAt, index);
    this.#lineAt = index;
    return this.#line;
  }

  /** Makes sure a byte can be read; false at the end of the input. What is unread must be none. */
  async fill(): Promise<boolean> {
    while (this.at >= this.chunk.length) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      this.#replace(next.value, 0);
    }
    return true;
  }

  /** Joins the unread bytes with the next chunk; false, changing nothing, at the end of the input. */
  async extend(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#replace(Buffer.concat([this.chunk.subarray(this.at), next.value]), this.chunk.length - this.at);
    return true;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  #replace(chunk: Buffer, unread: number): void {
    this.lineAt(this.offset);
    this.base += this.chunk.length - unread;
    this.chunk = chunk;
    this.at = 0;
    this.#lineAt = 0;
  }
}
