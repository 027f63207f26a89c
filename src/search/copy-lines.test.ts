import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitColumns, splitLines, unescapeColumn } from './copy-lines.ts';

const backslash = '\\';

/** COPY's own escaping (PostgreSQL manual, COPY, "Text Format"), written the other way round. */
function copyEscape(value: string | null): string {
  if (value === null) return `${backslash}N`;
  const letters: Readonly<Record<string, string>> = {
    '\b': 'b',
    '\f': 'f',
    '\n': 'n',
    '\r': 'r',
    '\t': 't',
    '\v': 'v',
    [backslash]: backslash,
  };
  return Array.from(value, (c) => (letters[c] === undefined ? c : backslash + letters[c])).join('');
}

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (let index = 0; start < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

const noLimit = (_beginning: Buffer): never => {
  throw new Error('too long');
};

async function collect(chunks: AsyncIterable<Buffer>, max = 1e9, onTooLong = noLimit): Promise<Buffer[]> {
  const lines: Buffer[] = [];
  for await (const line of splitLines(chunks, max, onTooLong)) lines.push(Buffer.from(line));
  return lines;
}

const value = fc.option(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(backslash, '\n', '\t', 'N', '.', 'x', 'é', '😀', '\r', '\v') }),
  ),
);

test('any rows come back, wherever the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(value, { minLength: 2, maxLength: 4 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      async (rows, sizes) => {
        const bytes = Buffer.from(rows.map((row) => `${row.map(copyEscape).join('\t')}\n`).join(''));
        const lines = await collect(cut(bytes, sizes));
        const read = lines.map((line) =>
          splitColumns(line).map((column) => unescapeColumn(column)?.toString('utf8') ?? null),
        );
        expect(read).toEqual(rows);
      },
    ),
  );
});

test('a backslash before N is NULL only when that is all of the value', () => {
  expect(unescapeColumn(Buffer.from(String.raw`\N`))).toBeNull();
  expect(unescapeColumn(Buffer.from(String.raw`\\N`))?.toString()).toBe(String.raw`\N`);
  expect(unescapeColumn(Buffer.from(String.raw`x\\`))?.toString()).toBe('x\\');
});

test('a last line without a newline counts, an empty line too', async () => {
  const lines = await collect(cut(Buffer.from('a\n\nb'), [2]));
  expect(lines.map(String)).toEqual(['a', '', 'b']);
});

test.each([[1], [3], [100]])(
  'a line beyond the limit is reported with its beginning (pieces of %i)',
  async (size) => {
    const beginnings: string[] = [];
    const work = collect(cut(Buffer.from('ok\n0123456789abcdef\n'), [size]), 8, (beginning) => {
      beginnings.push(beginning.toString());
      throw new Error('too long');
    });
    await expect(work).rejects.toThrow('too long');
    expect('0123456789abcdef'.startsWith(beginnings[0] ?? 'x')).toBe(true);
  },
);
