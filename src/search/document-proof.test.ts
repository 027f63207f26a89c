import { assert, jsonValue, property } from 'fast-check';
import { expect, test } from 'vitest';
import { documentProof, parseDocument } from './document-proof.ts';

const proof = (line: string): string => documentProof(parseDocument(line));

test.each([
  ['{"a":1,"b":[1.0,2.50,"x"]}', '{ "b" : [1, 2.5, "\\u0078"], "a" : 1e0 }'],
  ['{"a":9007199254740993}', '{"a": 9007199254740993}'],
  ['{"a":1e300}', '{"a":1e+300}'],
  ['{"a":0.12345678901234567890123}', '{"a":0.12345678901234568}'],
  ['{"a":123456789012345678901234567890}', '{"a":1.2345678901234568e+29}'],
  ['{"a":{"c":[],"b":null}}', '{"a":{"b":null,"c":[]}}'],
])('one document, written twice: %s', (one, other) => {
  expect(proof(one)).toBe(proof(other));
});

test.each([
  ['{"a":9007199254740992}', '{"a":9007199254740993}'],
  ['{"a":-9223372036854775808}', '{"a":-9223372036854775807}'],
  ['{"a":1}', '{"a":"1"}'],
  ['{"a":true}', '{"a":1}'],
  ['{"a":[1,2]}', '{"a":[2,1]}'],
  ['{"a":[]}', '{"a":{}}'],
  ['{"a":null}', '{}'],
  ['{"a":"9007199254740993"}', '{"a":9007199254740993}'],
  ['{"a":"x\\" 9007199254740993"}', '{"a":"x\\" 9007199254740992"}'],
])('two documents: %s and %s', (one, other) => {
  expect(proof(one)).not.toBe(proof(other));
});

test('whatever a document holds, its text and its text in another order say the same', () => {
  const value = jsonValue({ maxDepth: 3 });
  const turned = (one: unknown): unknown =>
    Array.isArray(one)
      ? one.map(turned)
      : typeof one === 'object' && one !== null
        ? Object.fromEntries(
            Object.entries(one)
              .toReversed()
              .map(([key, inner]) => [key, turned(inner)]),
          )
        : one;
  assert(
    property(value, (one) => {
      expect(proof(JSON.stringify(turned(one), null, 1))).toBe(proof(JSON.stringify(one)));
    }),
  );
});
