import { expect, test } from 'vitest';
import type { VerifyReceipt } from '../../../src/sync/contract/receipts.ts';
import { failure } from '../../harness/failure.ts';
import { searchBench } from './search-bench.ts';

test('verify compares the live search with its database, document by document, whoever changed it', async () => {
  const bench = await searchBench();
  const { alias, wire } = bench;
  const verify = async (): Promise<VerifyReceipt> =>
    bench.verify({ left: 'dst', right: 'dst', search: true });
  expect((await verify()).differences).toEqual([
    { kind: 'collection', name: alias, difference: expect.stringContaining('never built') as string },
  ]);
  await bench.run({ kind: 'typesense', input: { environment: 'dst' } });
  expect(await verify()).toMatchObject({
    equal: true,
    search: true,
    tables: [{ table: alias, equal: true, leftRows: 2, rightRows: 2, differingKeys: [] }],
    differences: [],
    notCompared: [],
  });

  // The database goes on; another program writes into the collection, with the hash left as it was.
  await bench.target.query(`INSERT INTO "Part" VALUES (3, 'later')`);
  const documents = `/collections/${await bench.live()}/documents`;
  await wire.send('PATCH', `${documents}/1`, { name: 'other', popularity: 7 });
  await wire.send('POST', documents, { id: 'x', name: 'stranger' });
  const found = await verify();
  expect(found).toMatchObject({
    equal: false,
    tables: [{ equal: false, leftRows: 3, rightRows: 3 }],
    differences: [
      {
        kind: 'collection',
        name: alias,
        difference: expect.stringMatching(
          /^1 document missing, 1 document too many, 1 different \(in name, popularity\) at .*; popularity: written by another program/,
        ) as string,
      },
    ],
  });
  expect(found.tables[0]?.differingKeys.toSorted()).toEqual(['1', '3', 'x']);

  const two = await failure(bench.verify({ left: 'src', right: 'dst', search: true }));
  expect(two.code).toBe('USAGE_INVALID');
  expect((await failure(bench.verify({ left: 'src', right: 'src', search: true }))).code).toBe(
    'CONFIG_SEARCH_MISSING',
  );
  // A query that yields one id twice says so instead of comparing.
  await bench.target.query(
    `ALTER TABLE "Part" DROP CONSTRAINT "Part_pkey"; INSERT INTO "Part" VALUES (3, 'later')`,
  );
  expect((await failure(verify())).message).toContain('more than once');
});
