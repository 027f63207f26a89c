import { isUtf8 } from 'node:buffer';
import { SyncError } from '../errors/sync-error.ts';

/** A UTF-8 character has four bytes at most: so many at a chunk's end may be the beginning of one. */
const characterBytesMax = 4;

export interface CheckedBytes {
  /** What the bytes are, for a message: `the rows`. */
  readonly what: string;
  readonly mustBeUtf8: boolean;
  /** The line up to which bytes have been given out. */
  readonly line: () => number;
}

/**
 * Bytes as they are. Throws STORAGE_DUMP_ENCODING at a zero byte and, where `mustBeUtf8`, at bytes that are not UTF-8,
 * with the line from which on they stand.
 */
export async function* checkedBytes(
  data: AsyncIterable<Buffer>,
  { what, mustBeUtf8, line }: CheckedBytes,
): AsyncGenerator<Buffer> {
  let carry: Buffer = Buffer.alloc(0);
  let before = line();
  for await (const chunk of data) {
    if (chunk.includes(0)) throw fault(before, `${what} hold zero bytes`);
    if (mustBeUtf8) {
      const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      const whole = wholeCharacters(bytes);
      if (!isUtf8(bytes.subarray(0, whole))) throw fault(before, `${what} hold bytes that are not UTF-8`);
      carry = bytes.subarray(whole);
    }
    yield chunk;
    before = line();
  }
  if (carry.length > 0) throw fault(line(), `${what} end inside a character`);
}

function fault(line: number, fact: string): SyncError {
  return new SyncError('STORAGE_DUMP_ENCODING', `At or after line ${line}: ${fact}.`, { details: { line } });
}

/** How many bytes of `bytes` are whole characters, an unfinished one at the end left out. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back < characterBytesMax && back <= bytes.length; back += 1) {
    const code = bytes[bytes.length - back] ?? 0;
    if (code < 0x80) return bytes.length;
    if (code >= 0xc0) {
      const wanted = code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : 2;
      return wanted > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
