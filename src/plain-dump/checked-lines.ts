import { SyncError } from '../errors/sync-error.ts';
import { byte } from '../sql-lexer/bytes.ts';
import { serverLimits, sizeOf } from './limits.ts';

/**
 * The rows of a COPY as they are. Throws STORAGE_DUMP_FOREIGN where no server could take them: rows that end partly
 * with CRLF and partly with LF (the first row's end says how all end), or a row of more than 1 GiB. `line` tells the
 * line up to which rows have been given out.
 */
export async function* checkedLines(
  rows: AsyncIterable<Buffer>,
  label: string,
  line: () => number,
  { serverBytesMax } = serverLimits,
): AsyncGenerator<Buffer> {
  const ends = new LineEnds();
  let openBytes = 0;
  for await (const chunk of rows) {
    const before = line();
    if (ends.mixedAfter(chunk)) {
      throw unfit(
        before,
        `At or after line ${before}, ${label}: rows end partly with CRLF and partly with LF.`,
        'Use the file as pg_dump wrote it, or give all its lines the same ends.',
      );
    }
    const first = chunk.indexOf(byte.lineFeed);
    if (openBytes + (first === -1 ? chunk.length : first) > serverBytesMax) {
      throw unfit(
        before,
        `Line ${before}, ${label}: a row has more than ${sizeOf(serverBytesMax)}, which no server reads.`,
      );
    }
    openBytes = first === -1 ? openBytes + chunk.length : chunk.length - 1 - chunk.lastIndexOf(byte.lineFeed);
    yield chunk;
  }
}

/** Which ends lines have had so far. */
class LineEnds {
  #lf = false;
  #crlf = false;
  #previousIsCr = false;

  /** Reads on; true where both kinds have come. */
  mixedAfter(chunk: Buffer): boolean {
    // Rows as servers write them hold no carriage return, so this is all there is to see.
    if (!this.#previousIsCr && !chunk.includes(byte.carriageReturn)) {
      this.#lf ||= chunk.includes(byte.lineFeed);
      return this.#lf && this.#crlf;
    }
    for (const code of chunk) {
      if (code === byte.lineFeed) {
        if (this.#previousIsCr) this.#crlf = true;
        else this.#lf = true;
      }
      this.#previousIsCr = code === byte.carriageReturn;
    }
    return this.#lf && this.#crlf;
  }
}

function unfit(line: number, message: string, hint?: string): SyncError {
  return new SyncError('STORAGE_DUMP_FOREIGN', message, {
    details: { line },
    ...(hint === undefined ? {} : { hint }),
  });
}
