/**
 * Cuts a stream of COPY text into blocks of whole rows. COPY escapes newlines inside values, so a byte 0x0A always
 * ends a row (PostgreSQL manual, COPY, "Text Format").
 *
 * Holds at most `blockBytes` plus one chunk, except while a single row is longer than a block: `add` then hands the
 * row out in pieces (`open: true`) so that it is never held whole.
 */
const newline = 0x0a;

export interface BlockPiece {
  readonly bytes: Buffer;
  /** Rows that end inside this piece. */
  readonly rows: number;
  /** True when the last row goes on in the next piece, which belongs to the same block. */
  readonly open: boolean;
}

export class RowBlocks {
  readonly #blockBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #rows = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /** Takes one chunk; returns a finished piece when enough has come together. */
  add(chunk: Buffer): BlockPiece | null {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#rows += countNewlines(chunk);
    if (this.#bytes < this.#blockBytes) return null;
    return this.#take();
  }

  /** The rest, after the last chunk; null when there is none. Throws when the last row is not whole. */
  end(): BlockPiece | null {
    if (this.#bytes === 0) return null;
    const bytes = Buffer.concat(this.#chunks, this.#bytes);
    if (bytes.at(-1) !== newline) throw new Error('COPY text ended inside a row');
    const piece = { bytes, rows: this.#rows, open: false };
    this.#reset([]);
    return piece;
  }

  #take(): BlockPiece {
    const all = Buffer.concat(this.#chunks, this.#bytes);
    const cut = all.lastIndexOf(newline) + 1;
    const rows = this.#rows;
    // No row ends in here: one row is longer than a block and goes out as it comes.
    if (cut === 0) {
      this.#reset([]);
      return { bytes: all, rows: 0, open: true };
    }
    this.#reset(cut === all.length ? [] : [all.subarray(cut)]);
    return { bytes: all.subarray(0, cut), rows, open: false };
  }

  #reset(rest: Buffer[]): void {
    this.#chunks = rest;
    this.#bytes = rest.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#rows = 0;
  }
}

function countNewlines(chunk: Buffer): number {
  let rows = 0;
  for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) rows += 1;
  return rows;
}
