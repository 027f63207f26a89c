/**
 * Cuts a stream of COPY text into blocks of whole rows. COPY escapes newlines inside values, so a byte 0x0A always
 * ends a row (PostgreSQL manual, COPY, "Text Format").
 *
 * Keeps the chunks as they come, copying none. Holds at most `blockBytes` plus one chunk; a row longer than a block is
 * handed out in pieces (`open: true`), so that it is never held whole. With `wholeRows`, for rows that are known to be
 * short, none is ever cut.
 */
const newline = 0x0a;

export interface BlockPiece {
  readonly chunks: readonly Buffer[];
  readonly bytes: number;
  /** Rows that end inside this piece. */
  readonly rows: number;
  /** True when the last row goes on in the next piece, which belongs to the same block. */
  readonly open: boolean;
}

export class RowBlocks {
  readonly #blockBytes: number;
  readonly #wholeRows: boolean;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #rows = 0;
  /** Bytes up to and with the last row end. */
  #whole = 0;

  constructor(blockBytes: number, wholeRows = false) {
    this.#blockBytes = blockBytes;
    this.#wholeRows = wholeRows;
  }

  /** Takes one chunk; returns a finished piece when enough has come together. */
  add(chunk: Buffer): BlockPiece | null {
    const ends = rowEnds(chunk);
    if (ends.rows > 0) this.#whole = this.#bytes + ends.last + 1;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#rows += ends.rows;
    if (this.#bytes < this.#blockBytes || (this.#wholeRows && ends.rows === 0)) return null;
    return this.#take(chunk);
  }

  /** The rest, after the last chunk; null when there is none. Throws when the last row is not whole. */
  end(): BlockPiece | null {
    if (this.#bytes === 0) return null;
    if (this.#whole !== this.#bytes) throw new Error('COPY text ended inside a row');
    const piece = { chunks: this.#chunks, bytes: this.#bytes, rows: this.#rows, open: false };
    this.#reset(null);
    return piece;
  }

  #take(last: Buffer): BlockPiece {
    const [chunks, bytes, rows] = [this.#chunks, this.#bytes, this.#rows];
    const rest = bytes - this.#whole;
    // No row ends in here (one row is longer than a block), or the last one ends before the last chunk: it goes out
    // as it is.
    if (this.#whole === 0 || rest > last.length) {
      this.#reset(null);
      return { chunks, bytes, rows, open: true };
    }
    chunks.pop();
    if (rest < last.length) chunks.push(last.subarray(0, last.length - rest));
    this.#reset(rest === 0 ? null : last.subarray(last.length - rest));
    return { chunks, bytes: bytes - rest, rows, open: false };
  }

  #reset(rest: Buffer | null): void {
    this.#chunks = rest === null ? [] : [rest];
    this.#bytes = rest?.length ?? 0;
    this.#rows = 0;
    this.#whole = 0;
  }
}

function rowEnds(chunk: Buffer): { readonly rows: number; readonly last: number } {
  let rows = 0;
  let last = -1;
  for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) {
    rows += 1;
    last = at;
  }
  return { rows, last };
}
