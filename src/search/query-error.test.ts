import { expect, test } from 'vitest';
import { collectionConfigSchema } from './collection-config.ts';
import { defaultCollections } from './default-collections.ts';
import { queryError } from './query-error.ts';

const missing = Object.assign(new Error('relation "app.Component" does not exist'), {
  code: '42P01',
  routine: 'parserOpenTable',
});

test('a collection that nobody configured is told as such', () => {
  const [standard] = defaultCollections;
  if (standard === undefined) throw new Error('No default collection.');
  expect(queryError(missing, 'source', standard)).toMatchObject({
    code: 'SEARCH_QUERY_FAILED',
    hint: expect.stringContaining('`collections: []`') as string,
  });
  const own = collectionConfigSchema.parse({
    name: 'own',
    query: 'SELECT 1',
    fields: [{ name: 'n', type: 'int32' }],
  });
  expect(queryError(missing, 'source', own).hint).not.toContain('collections: []');
});
