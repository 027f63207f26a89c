import { expect, it } from 'vitest';
import { shrinksTooMuch } from './shrink-guard.ts';

it.each([
  [undefined, 60_000, 10, true],
  [undefined, 100, 50, false],
  [undefined, 100, 49, true],
  [undefined, 99, 0, false],
  [undefined, 100, 5_000, false],
  [0, 100, 99, true],
  [0, 100, 100, false],
  [90, 100, 10, false],
  [90, 100, 9, true],
  [100, 1_000_000, 0, false],
])('maxShrink %s: of %i documents %i stay: refused %s', (maxShrink, live, documents, refused) => {
  expect(shrinksTooMuch(maxShrink === undefined ? {} : { maxShrink }, { live, documents })).toBe(refused);
});
