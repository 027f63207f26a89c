import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOfPair, DocumentDigest } from './document-digest.ts';

type Pair = readonly [string, string];

function digestOf(pairs: readonly Pair[]): DocumentDigest {
  const digest = new DocumentDigest();
  for (const [id, hash] of pairs) digest.add(id, hash);
  return digest;
}

const pairs = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), {
  minLength: 1,
  maxLength: 40,
  selector: ([id]) => id,
});

test('order does not matter', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      expect(digestOf(list).differingBuckets(digestOf(list.toReversed()))).toEqual([]);
    }),
  );
});

test('a missing, doubled or changed document shows in its bucket', () => {
  fc.assert(
    fc.property(pairs, fc.nat(), (list, pick) => {
      const index = pick % list.length;
      const [id, hash] = list[index]!;
      const bucket = bucketOfPair(id, hash);
      const whole = digestOf(list);
      expect(whole.differingBuckets(digestOf(list.toSpliced(index, 1)))).toEqual([bucket]);
      expect(whole.differingBuckets(digestOf([...list, [id, hash]]))).toEqual([bucket]);
      expect(whole.differingBuckets(digestOf(list.with(index, [id, `${hash}x`])))).toContain(bucket);
    }),
  );
});

test('id and hash cannot trade bytes', () => {
  expect(digestOf([['a', 'bc']]).differingBuckets(digestOf([['ab', 'c']]))).not.toEqual([]);
});
