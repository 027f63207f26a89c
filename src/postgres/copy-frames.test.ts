import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CopyFrames } from './copy-frames.ts';

const message = (code: string, content: Buffer): Buffer => {
  const head = Buffer.alloc(5, code, 'latin1');
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
};

const rows = fc.array(
  fc.record({
    // Now and then something that a server may say between rows.
    code: fc.constantFrom('d', 'd', 'd', 'N', 'S', 'A'),
    content: fc.uint8Array({ maxLength: 150 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 60 },
);
const endings = fc.constantFrom(
  message('c', Buffer.alloc(0)),
  message('E', Buffer.from('SERROR\0C57014\0Mcancelled\0\0')),
  message('C', Buffer.from('SELECT 1\0')),
);

/** Feeds a stream in chunks of these sizes, again and again; what came out, and what is pg's. */
function taken(stream: Buffer, sizes: readonly number[]): { readonly data: Buffer; readonly rest: Buffer } {
  const frames = new CopyFrames();
  const data: Buffer[] = [];
  const rest: Buffer[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn += 1) {
    const bytes = sizes[turn % sizes.length] ?? 1;
    // Chunks of a socket are memory of their own, which the frames may write into.
    const chunk = Buffer.from(stream.subarray(at, at + bytes));
    at += bytes;
    if (rest.length > 0) rest.push(chunk);
    else {
      const found = frames.take(chunk);
      data.push(found.data);
      if (found.rest !== null) rest.push(found.rest);
    }
  }
  return { data: Buffer.concat(data), rest: Buffer.concat(rest) };
}

test('the text of all rows comes out, and all that follows goes to pg, however it is cut', () => {
  fc.assert(
    fc.property(
      rows,
      endings,
      fc.uint8Array({ maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
      (said, ending, after, sizes) => {
        const following = Buffer.concat([ending, after]);
        const head = message('H', Buffer.from([0, 0, 2, 0, 0, 0, 0]));
        const stream = [head, ...said.map(({ code, content }) => message(code, content)), following];
        const { data, rest } = taken(Buffer.concat(stream), sizes);
        const text = Buffer.concat(said.flatMap(({ code, content }) => (code === 'd' ? [content] : [])));
        expect(data.equals(text)).toBe(true);
        expect(rest.equals(following)).toBe(true);
      },
    ),
  );
});

test('a row longer than many chunks is handed on as it comes, without a copy', () => {
  const frames = new CopyFrames();
  const stream = message('d', Buffer.alloc(1_000_000, 'x'));
  const first = stream.subarray(0, 65_536);
  expect(frames.take(first)).toEqual({ data: stream.subarray(5, 65_536), rest: null });
  expect(frames.take(stream.subarray(65_536)).data.length).toBe(1_000_000 - 65_531);
});
