import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Text of ours that code would decide by, though a field says the same. */
const parsed = [
  /\b(?:identity|partOf)\??\.(?:startsWith|endsWith|includes|match|split)\(/,
  /\b(?:id|kind)\.(?:startsWith|endsWith)\(/,
  /\b(?:test|exec)\((?:\w+\.)?(?:identity|partOf)\b/,
  /\bdetails(?:\['|\.\w+ (?:===|!==))/,
  /\bsql (?:===|!==) ['"`][A-Z]/,
];

/** What reads dumps of the time before, what gives an identity another schema or role, and the error class itself. */
const allowed = new Set([
  'src/catalog/facts-in-text.ts',
  'src/catalog/comparison/renamed-schema.ts',
  'src/catalog/map-roles.ts',
  'src/errors/sync-error.ts',
]);

test('what an object is about is a field, and is not read out of its identity or SQL', () => {
  const found = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((name) => join('src', name))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !allowed.has(path))
    .flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          parsed.some((one) => one.test(line)) ? [`${path}:${at + 1} ${line.trim()}`] : [],
        ),
    );
  expect(found).toEqual([]);
});
