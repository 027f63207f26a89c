import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { dollarQuoted } from './routine-definition.ts';

const piece = oneof(
  constantFrom('$', '$$', '$function', '$function$', '$functionx', '$functionxx$', '\n', "'"),
  string(),
);

test('a dollar-quoted text ends where it should and nowhere before', () => {
  assert(
    property(array(piece), (pieces) => {
      const text = pieces.join('');
      const quoted = dollarQuoted(text, 'function');
      const delimiter = /^\$functionx*\$/.exec(quoted)?.[0] ?? '';
      expect(quoted.slice(delimiter.length).indexOf(delimiter)).toBe(text.length);
      expect(quoted).toBe(`${delimiter}${text}${delimiter}`);
    }),
  );
});
