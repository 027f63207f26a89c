/**
 * The text format of COPY TO (PostgreSQL manual, COPY, "Text Format"): a row ends with a newline byte, columns are
 * separated by tabs, and inside a value backslash, newline, tab and the other control characters of the list are
 * escaped. So a newline byte always ends a row, whatever the values hold.
 */
const newline = 0x0a;
const tab = 0x09;
const backslash = 0x5c;

const controls: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
const escapes: ReadonlyMap<number, number> = new Map(
  Object.entries(controls).map(([letter, byte]) => [letter.charCodeAt(0), byte]),
);

/**
 * Cuts a stream of bytes into lines without their newline. Holds one unfinished line at most; a line longer than
 * `lineBytesMax` goes to `onTooLong` with its beginning, which must throw.
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  lineBytesMax: number,
  onTooLong: (beginning: Buffer) => never,
): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, end);
      start = end + 1;
      if (restBytes + tail.length > lineBytesMax) onTooLong(Buffer.concat([...rest, tail]));
      yield restBytes === 0 ? tail : Buffer.concat([...rest, tail]);
      rest = [];
      restBytes = 0;
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
      if (restBytes > lineBytesMax) onTooLong(Buffer.concat(rest));
    }
  }
  if (restBytes > 0) yield Buffer.concat(rest);
}

/** The columns of one row, still escaped. */
export function splitColumns(line: Buffer): readonly Buffer[] {
  const columns: Buffer[] = [];
  let start = 0;
  for (let end = line.indexOf(tab); end !== -1; end = line.indexOf(tab, start)) {
    columns.push(line.subarray(start, end));
    start = end + 1;
  }
  columns.push(line.subarray(start));
  return columns;
}

/** The value of a column; null for SQL NULL (`\N`). Returns the same bytes where nothing is escaped. */
export function unescapeColumn(column: Buffer): Buffer | null {
  let found = column.indexOf(backslash);
  if (found === -1) return column;
  if (column.length === 2 && column[1] === 0x4e) return null;
  const value = Buffer.allocUnsafe(column.length);
  let length = 0;
  let start = 0;
  for (; found !== -1; found = column.indexOf(backslash, start)) {
    length += column.copy(value, length, start, found);
    const next = column[found + 1] ?? backslash;
    value[length] = escapes.get(next) ?? next;
    length += 1;
    start = found + 2;
  }
  length += column.copy(value, length, start);
  return value.subarray(0, length);
}
