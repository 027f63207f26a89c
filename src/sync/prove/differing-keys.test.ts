import { expect, test } from 'vitest';
import { inParts } from './differing-keys.ts';

test('Buckets are asked for together as long as their rows are few', () => {
  const rows = new Map([
    [1, 5],
    [2, 19_995],
    [3, 1],
    [4, 60_000],
    [5, 0],
  ]);
  expect(inParts([...rows.keys()], (bucket) => rows.get(bucket) ?? 0)).toEqual([[1, 2], [3], [4], [5]]);
  expect(inParts([], () => 1)).toEqual([]);
  expect(
    inParts(
      Array.from({ length: 20 }, (_, bucket) => bucket),
      () => 1,
    ),
  ).toHaveLength(1);
});
