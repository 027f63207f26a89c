import { expect, test } from 'vitest';
import { searchBench } from './search-bench.ts';

test('a collection that equals the database stays, with what an undo goes back to; one that does not is rebuilt', async () => {
  const bench = await searchBench();
  const { alias, wire } = bench;
  const rebuild = (input: { readonly rebuild?: boolean } = {}): ReturnType<typeof bench.run> =>
    bench.run({ kind: 'typesense', input: { environment: 'dst', ...input } });
  const [first] = (await rebuild()).collections;
  await wire.send('PUT', `/collections/${first?.collection ?? ''}/synonyms/s`, { synonyms: ['a', 'b'] });
  const [same] = (await rebuild()).collections;
  expect(same).toMatchObject({
    collection: first?.collection,
    previous: first?.collection,
    unchanged: true,
    verified: true,
  });
  expect([await bench.live(), await wire.collections(`${alias}__`)]).toEqual([
    first?.collection,
    [first?.collection],
  ]);
  const [forced] = (await rebuild({ rebuild: true })).collections;
  expect(forced?.unchanged).toBeUndefined();
  expect(forced?.collection).not.toBe(first?.collection);

  // What somebody else changed is no equal, though its number and its hash are.
  await wire.send('PATCH', `/collections/${await bench.live()}/documents/1`, { name: 'other' });
  const [mended] = (await rebuild()).collections;
  expect(mended).toMatchObject({ previous: forced?.collection });
  expect(mended?.unchanged).toBeUndefined();
  await bench.target.query(`UPDATE "Part" SET name = 'new' WHERE id = 2`);
  const [updated] = (await rebuild()).collections;
  expect(updated?.unchanged).toBeUndefined();

  // A sync whose rows change nothing of the search leaves it, its undo too; what the undo before it needs is there.
  await bench.target.query(
    `TRUNCATE "Part"; INSERT INTO "Part" SELECT g, 'new' FROM generate_series(1, 5) AS g`,
  );
  const before = await rebuild();
  const there = await wire.collections(`${alias}__`);
  await bench.source.query('ALTER TABLE "Part" ADD more int');
  const synced = await bench.sync('replace');
  expect(synced.collections).toMatchObject([{ collection: await bench.live(), unchanged: true }]);
  expect((await wire.collections(`${alias}__`)).toSorted()).toEqual(there.toSorted());
  await bench.rollback(synced.jobId);
  expect(await bench.live()).toBe(before.collections[0]?.collection);
  const undone = await bench.rollback(before.jobId);
  expect([await bench.live(), undone.collections[0]?.collection]).toEqual([
    updated?.collection,
    updated?.collection,
  ]);
});
