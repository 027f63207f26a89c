/** Codes of backend messages (PostgreSQL manual, "Message Formats"). */
const copyData = 0x64;
export const errorResponse = 0x45;
/** CopyOutResponse, and what a server may say at any time: NoticeResponse, ParameterStatus, NotificationResponse. */
const passedOver: ReadonlySet<number> = new Set([0x48, 0x4e, 0x53, 0x41]);

const headerBytes = 5;
/** Below it a loop is faster than the call of `copyWithin`. */
const loopBytesMax = 64;

export interface CopyBytes {
  /** What the chunk holds of the rows' text, without the frames; may be empty. A part of the chunk itself. */
  readonly data: Buffer;
  /** From the first message on that is not of the rows (CopyDone, ErrorResponse …); null while the rows go on. */
  readonly rest: Buffer | null;
}

/**
 * Takes the frames off what a server sends for `COPY … TO STDOUT`: a message for each row, five bytes before it, cut
 * into chunks anywhere. The rows of a chunk are moved together inside the chunk, so nothing is allocated for a row.
 * After a `rest` it is used up.
 */
export class CopyFrames {
  /** Of the message that is being read. */
  #code = 0;
  /** Bytes of its header that were read: 0 between two messages. */
  #header = 0;
  #length = 0;
  /** Bytes of its content that are still to come. */
  #left = 0;

  /** Writes into `chunk`. */
  take(chunk: Buffer): CopyBytes {
    let at = 0;
    let begin = 0;
    let end = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const bytes = Math.min(this.#left, chunk.length - at);
        this.#left -= bytes;
        if (this.#code === copyData) {
          if (begin === end) begin = end = at;
          move(chunk, end, at, bytes);
          end += bytes;
        }
        at += bytes;
        continue;
      }
      const code = chunk[at] ?? 0;
      if (this.#header === 0 && code !== copyData && !passedOver.has(code)) {
        return { data: chunk.subarray(begin, end), rest: chunk.subarray(at) };
      }
      at = this.#readHeader(chunk, at);
    }
    return { data: chunk.subarray(begin, end), rest: null };
  }

  /** Reads what the chunk has of a header; returns the place after it. */
  #readHeader(chunk: Buffer, from: number): number {
    let at = from;
    for (; this.#header < headerBytes && at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#header === 0) this.#code = byte;
      else this.#length = this.#length * 256 + byte;
      this.#header += 1;
    }
    if (this.#header === headerBytes) {
      // The length counts itself.
      this.#left = this.#length - (headerBytes - 1);
      this.#header = 0;
      this.#length = 0;
    }
    return at;
  }
}

function move(chunk: Buffer, to: number, from: number, bytes: number): void {
  if (to === from) return;
  if (bytes > loopBytesMax) {
    chunk.copyWithin(to, from, from + bytes);
    return;
  }
  for (let index = 0; index < bytes; index += 1) chunk[to + index] = chunk[from + index] ?? 0;
}
