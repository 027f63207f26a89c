import { expect, test } from 'vitest';
import { settingValue } from './setting-value.ts';

test.each([
  ['search_path', '"$user", public, "Odd, schema", pg_temp', `'$user', 'public', 'Odd, schema', 'pg_temp'`],
  ['Search_Path', '""', `''`],
  ['search_path', '', `''`],
  ['search_path', `"it's ""it"""`, `'it''s "it"'`],
  ['temp_tablespaces', 'a, "B"', `'a', 'B'`],
  ['DateStyle', 'ISO, DMY', `'ISO, DMY'`],
  ['my.list', '"a", "b"', `'"a", "b"'`],
  ['my.text', `back\\slash 'quoted'`, `'back\\slash ''quoted'''`],
])('%s = %s', (name, value, literals) => {
  expect(settingValue(name, value)).toBe(literals);
});
