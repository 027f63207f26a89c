import { isUtf8 } from 'node:buffer';
import { SyncError } from '../../errors/sync-error.ts';
import type { CopyData } from '../../postgres/lexer/copy-data.ts';

/** A UTF-8 character has four bytes at most: so many at a chunk's end may be the beginning of one. */
const characterBytesMax = 4;

/**
 * The rows of a COPY as they are. Throws STORAGE_DUMP_ENCODING at a zero byte and, where `mustBeUtf8`, at bytes that
 * are not UTF-8, with the line from which on they stand. `line` is where the rows begin.
 */
export async function* checkedRows(
  data: CopyData,
  line: number,
  mustBeUtf8: boolean,
): AsyncGenerator<Buffer> {
  let carry: Buffer = Buffer.alloc(0);
  let rowsBefore = 0;
  for await (const chunk of data) {
    const fail = (what: string): SyncError =>
      new SyncError(
        'STORAGE_DUMP_ENCODING',
        `At or after line ${line + rowsBefore}: the rows hold ${what}.`,
        {
          details: { line: line + rowsBefore },
        },
      );
    if (chunk.includes(0)) throw fail('zero bytes');
    if (mustBeUtf8) {
      const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      const whole = wholeCharacters(bytes);
      if (!isUtf8(bytes.subarray(0, whole))) throw fail('bytes that are not UTF-8');
      carry = bytes.subarray(whole);
    }
    yield chunk;
    rowsBefore = data.rows;
  }
  if (carry.length > 0) {
    throw new SyncError(
      'STORAGE_DUMP_ENCODING',
      `Line ${line + data.rows}: the rows end inside a character.`,
    );
  }
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
