import { expect, test } from 'vitest';
import { collectionConfigSchema } from './collection-config.ts';
import { collectionQuery, copyDocuments } from './document-query.ts';

test('the schema is quoted, wherever it stands, and a closing semicolon goes', () => {
  expect(collectionQuery('SELECT 1 FROM {schema}."A", {schema}.b;\n', 'we"ird $&')).toBe(
    'SELECT 1 FROM "we""ird $&"."A", "we""ird $&".b',
  );
});

test('a query that ends in a comment leaves the statement whole', () => {
  const config = collectionConfigSchema.parse({
    name: 'a',
    query: 'SELECT document FROM {schema}.x -- the end',
    fields: [{ name: 'n', type: 'int32' }],
  });
  expect(copyDocuments(config, 'public')).toMatch(/-- the end\n/);
  expect(copyDocuments(config, 'public')).not.toMatch(/\{(?:query|misfit|schema)\}/);
});

const base = { name: 'a', query: 'SELECT 1', fields: [{ name: 'n', type: 'int32' }] };

test.each([
  ['the hash field', { fields: [{ name: '_h', type: 'string' }] }],
  ['the id', { fields: [{ name: 'id', type: 'string' }] }],
  [
    'two fields of one name',
    {
      fields: [
        { name: 'n', type: 'int32' },
        { name: 'n', type: 'string' },
      ],
    },
  ],
  ['a required field that is not indexed', { fields: [{ name: 'n', type: 'int32', index: false }] }],
  ['an unknown sorting field', { defaultSortingField: 'x' }],
  [
    'an optional sorting field',
    { defaultSortingField: 'n', fields: [{ name: 'n', type: 'int32', optional: true }] },
  ],
  ['a name with capitals', { name: 'Parts' }],
])('a configuration is refused: %s', (_what, change) => {
  expect(collectionConfigSchema.safeParse(base).success).toBe(true);
  expect(collectionConfigSchema.safeParse({ ...base, ...change }).success).toBe(false);
});
