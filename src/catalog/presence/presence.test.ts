import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nothingWithout, presenceSql } from './presence.ts';

test('every kind that a query names is looked for, and nothing else', () => {
  const folder = join(import.meta.dirname, '..');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.sql'),
  );
  const kinds = files
    .filter((name) => !name.endsWith('presence.sql'))
    .flatMap((name) => nothingWithout(readFileSync(join(folder, name), 'utf8')) ?? []);
  const looked = [...presenceSql.matchAll(/^ {4}\('([^']+)', EXISTS/gm)].map(([, name]) => name);
  expect(looked).toEqual([...new Set(kinds)].sort());
});
