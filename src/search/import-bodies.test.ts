import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DocumentRow } from './document-rows.ts';
import { bodyBytesMax, bodyDocumentsMax, importBodies } from './import-bodies.ts';
import type { ImportBody } from './import-bodies.ts';

async function* rows(sizes: Iterable<number>): AsyncGenerator<DocumentRow> {
  let id = 0;
  for (const size of sizes) {
    id += 1;
    yield { id: String(id), hash: '', json: Buffer.alloc(size, 0x78) };
  }
}

async function bodiesOf(sizes: Iterable<number>): Promise<ImportBody[]> {
  const bodies: ImportBody[] = [];
  for await (const body of importBodies(rows(sizes))) bodies.push(body);
  return bodies;
}

test('nothing makes no body', async () => {
  expect(await bodiesOf([])).toEqual([]);
});

test('a body holds at most 5,000 documents', async () => {
  const bodies = await bodiesOf(Array.from({ length: 10_001 }, () => 2));
  expect(bodies.map(({ ids }) => ids.length)).toEqual([bodyDocumentsMax, bodyDocumentsMax, 1]);
});

test('bodies stay within 4 MiB, keep order and lose nothing; a larger document stands alone', async () => {
  const size = fc.oneof(
    fc.integer({ min: 1, max: 400_000 }),
    fc.constantFrom(bodyBytesMax - 1, bodyBytesMax, bodyBytesMax + 5),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 30 }), async (sizes) => {
      const bodies = await bodiesOf(sizes);
      expect(bodies.flatMap(({ ids }) => ids)).toEqual(sizes.map((_, index) => String(index + 1)));
      for (const { jsonLines, ids } of bodies) {
        if (ids.length > 1) expect(jsonLines.length).toBeLessThanOrEqual(bodyBytesMax);
        expect(
          jsonLines
            .toString('latin1')
            .split('\n')
            .map((line) => line.length),
        ).toEqual([...ids.map((id) => sizes[Number(id) - 1]), 0]);
      }
    }),
    { numRuns: 25 },
  );
});
