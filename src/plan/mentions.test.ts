import { describe, expect, test } from 'vitest';
import { nameIn } from './mentions.ts';

describe('a schema’s name in text', () => {
  test.each([
    ['public', 'SELECT * FROM public.t', true],
    ['public', 'SELECT * FROM PUBLIC.t', true],
    ['public', 'GRANT SELECT ON t TO PUBLIC', false],
    ['public', 'publication', false],
    ['Mixed', 'SELECT * FROM mixed.t', false],
    ['we"ird', 'SELECT * FROM "we""ird".t', true],
    [`it's`, `'SELECT * FROM "it''s".t'`, true],
    [`a"b'c`, `'SELECT * FROM "a""b''c".t'`, true],
    ['we"ird', 'SELECT * FROM "we""irder".t', false],
  ])('%s in %s: %s', (name, text, found) => {
    expect(nameIn(name)(text)).toBe(found);
  });
});
