import { SyncError } from '../errors/sync-error.ts';
import { byte, countLineFeeds } from './bytes.ts';
import type { ChunkReader } from './chunk-reader.ts';

const endMark = Buffer.from('\n\\.');

/**
 * The rows behind a `COPY … FROM stdin;`, as they stand in the file: up to, and without, the line that is exactly `\.`.
 * Line ends stay as they are: the server takes LF or CRLF, all alike, as psql would send them. Chunks are cut anywhere.
 * One pass only; memory is one chunk. Throws STORAGE_DUMP_INCOMPLETE when the input ends first.
 */
export class CopyData implements AsyncIterable<Buffer> {
  /** Line ends passed so far: the rows, once the iteration has ended. */
  rows = 0;
  bytes = 0;
  #done = false;
  #atLineStart = true;
  readonly #reader: ChunkReader;
  readonly #startLine: number;

  constructor(reader: ChunkReader) {
    this.#reader = reader;
    this.#startLine = reader.line;
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
    const reader = this.#reader;
    if (!(await reader.fill())) throw this.#incomplete();
    if (this.#atLineStart && (await this.#isEndMark())) {
      this.#done = true;
      return { done: true, value: undefined };
    }
    const { chunk, at } = reader;
    const mark = chunk.indexOf(endMark, at);
    let end = mark === -1 ? chunk.length : mark + 1;
    // A backslash that is the chunk's last byte and its line's first may begin the mark: leave it for the next round.
    const backslashAtEnd =
      mark === -1 && end - at > 1 && chunk[end - 1] === byte.backslash && chunk[end - 2] === byte.lineFeed;
    if (backslashAtEnd) end -= 1;
    const value = chunk.subarray(at, end);
    reader.at = end;
    this.#atLineStart = value.at(-1) === byte.lineFeed;
    this.rows += countLineFeeds(value);
    this.bytes += value.length;
    return { done: false, value };
  }

  /** At a line's start: whether the line is `\.`; if so, reads over it. */
  async #isEndMark(): Promise<boolean> {
    const reader = this.#reader;
    for (;;) {
      const rest = reader.chunk.toString('latin1', reader.at, reader.at + 4);
      const match = /^\\\.(?:\n|\r\n)/.exec(rest);
      if (match !== null) {
        reader.at += match[0].length;
        return true;
      }
      if (!['\\', '\\.', '\\.\r'].includes(rest)) return false;
      if (!(await reader.extend())) {
        if (rest === '\\') throw this.#incomplete();
        reader.at = reader.chunk.length;
        return true;
      }
    }
  }

  #incomplete(): SyncError {
    return new SyncError(
      'STORAGE_DUMP_INCOMPLETE',
      `The file ends inside the rows of the COPY whose data begin at line ${this.#startLine}.`,
      { details: { line: this.#startLine } },
    );
  }
}
