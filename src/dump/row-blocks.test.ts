import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowBlocks } from './row-blocks.ts';
import type { BlockPiece } from './row-blocks.ts';

/** Rows of COPY text, cut into chunks anywhere. */
const rows = fc.array(
  fc.string({ maxLength: 60 }).map((text) => `${text.replaceAll('\n', '.')}\n`),
  { maxLength: 80 },
);

function piecesOf(text: Buffer, chunkBytes: number, blockBytes: number): readonly BlockPiece[] {
  const blocks = new RowBlocks(blockBytes);
  const pieces: BlockPiece[] = [];
  for (let at = 0; at < text.length; at += chunkBytes) {
    const piece = blocks.add(text.subarray(at, at + chunkBytes));
    if (piece !== null) pieces.push(piece);
  }
  const rest = blocks.end();
  if (rest !== null) pieces.push(rest);
  return pieces;
}

test('pieces join to the input, count its rows, and end at row ends unless they say otherwise', () => {
  fc.assert(
    fc.property(
      rows,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 300 }),
      (lines, chunkBytes, blockBytes) => {
        const text = Buffer.from(lines.join(''));
        const pieces = piecesOf(text, chunkBytes, blockBytes);
        expect(Buffer.concat(pieces.flatMap(({ chunks }) => chunks)).equals(text)).toBe(true);
        expect(pieces.reduce((sum, piece) => sum + piece.rows, 0)).toBe(lines.length);
        for (const { chunks, bytes, open } of pieces) {
          expect(chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(bytes);
          expect(open).toBe(chunks.at(-1)?.at(-1) !== 0x0a);
        }
        expect(pieces.at(-1)?.open ?? false).toBe(false);
      },
    ),
  );
});

test('a row longer than a block is handed out as it comes', () => {
  const row = Buffer.concat([Buffer.alloc(1000, 'x'), Buffer.from('\n')]);
  const pieces = piecesOf(row, 100, 250);
  expect(pieces.length).toBeGreaterThan(3);
  expect(Math.max(...pieces.map(({ bytes }) => bytes))).toBeLessThanOrEqual(300);
});

test('a stream that ends inside a row is refused', () => {
  const blocks = new RowBlocks(100);
  blocks.add(Buffer.from('no line end'));
  expect(() => blocks.end()).toThrow('inside a row');
});
