import { expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { createBench } from '../../harness/environment-pair.ts';
import { sharedTypesense } from '../../support/typesense.ts';

test('after a merge the search follows, also where no row differed, and an undo takes it back', async () => {
  const { url, apiKey } = sharedTypesense();
  const cluster = { nodes: [url], apiKey: new Secret(apiKey) };
  const bench = await createBench({
    change: (config) => {
      const dst = config.environments.get('dst');
      if (dst === undefined) throw new Error('no dst');
      return {
        ...config,
        collections: [
          {
            name: 'merged',
            query: `SELECT json_build_object('id', id::text, 'name', name) AS document FROM {schema}.part`,
            fields: [{ name: 'name', type: 'string' }],
          },
        ],
        environments: new Map(config.environments).set('dst', { ...dst, search: cluster }),
      };
    },
  });
  for (const [database, rows] of [
    [bench.source, 5],
    [bench.target, 3],
  ] as const)
    await database.query(`CREATE TABLE part (id int PRIMARY KEY, name text);
      INSERT INTO part SELECT i, 'part ' || i FROM generate_series(1, ${rows}) AS i`);
  const found = async (): Promise<unknown> => {
    const address = `${url}/collections/merged/documents/search?q=*`;
    const response = await fetch(address, { headers: { 'X-TYPESENSE-API-KEY': apiKey } });
    return ((await response.json()) as { found?: number }).found;
  };
  const first = await bench.sync('merge');
  expect([first.collections[0]?.documents, await found()]).toEqual([5, 5]);
  const nothing = await bench.sync('merge');
  expect([nothing.undoSchema, nothing.collections[0]?.previous]).toEqual([
    null,
    first.collections[0]?.collection,
  ]);
  await bench.rollback(nothing.jobId);
  expect(await found()).toBe(5);
  await bench.target.query('DELETE FROM part WHERE id = 1');
  const second = await bench.sync('merge');
  await bench.rollback(second.jobId);
  expect(await bench.target.query('SELECT count(*)::int AS parts FROM part')).toEqual([{ parts: 4 }]);
});
