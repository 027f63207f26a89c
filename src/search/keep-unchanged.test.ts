import { expect, it } from 'vitest';
import { sameSchema } from './keep-unchanged.ts';
import type { ShownSchema } from './keep-unchanged.ts';

const shown = (
  fields: readonly (readonly [name: string, type: string])[],
  settings: unknown = [],
): ShownSchema => ({
  fields: fields.map(([name, type]) => ({ name, type, facet: false })),
  settings,
});
const base = shown([['a', 'string']]);

it.each<[string, ShownSchema, ShownSchema, boolean]>([
  ['the same', base, base, true],
  [
    'a field more',
    base,
    shown([
      ['a', 'string'],
      ['b', 'string'],
    ]),
    false,
  ],
  [
    'a field less',
    shown([
      ['a', 'string'],
      ['b', 'string'],
    ]),
    base,
    false,
  ],
  ['another type', base, shown([['a', 'int32']]), false],
  ['another setting', base, shown([['a', 'string']], ['-']), false],
  [
    'children of an object',
    shown([['a', 'object']]),
    shown([
      ['a', 'object'],
      ['a.b', 'string'],
    ]),
    true,
  ],
  [
    'no child of it',
    shown([['a', 'object']]),
    shown([
      ['a', 'object'],
      ['ab', 'string'],
    ]),
    false,
  ],
  [
    'what a pattern met',
    shown([['.*', 'auto']]),
    shown([
      ['.*', 'auto'],
      ['x', 'int64'],
    ]),
    true,
  ],
])('an empty collection and a filled one: %s', (_what, empty, filled, same) => {
  expect(sameSchema(empty, filled)).toBe(same);
});
