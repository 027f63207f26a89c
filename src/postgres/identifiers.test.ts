import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteIdentifier, splitIdentifiers } from './identifiers.ts';

test('a list of quoted names comes apart as it was put together', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), (names) => {
      expect(splitIdentifiers(names.map(quoteIdentifier).join(', '))).toEqual(names);
    }),
  );
});

test.each([
  ['"$user", public', ['$user', 'public']],
  ['a,b', ['a', 'b']],
  ['', []],
  ['"a, b"', ['a, b']],
])('%s', (list, names) => {
  expect(splitIdentifiers(list)).toEqual(names);
});
