import { expect, test } from 'vitest';
import { examine } from '../../../src/sync/verbs/doctor.ts';
import { examineSearch } from '../../../src/sync/verbs/examine-search.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { VerifyReceipt } from '../../../src/sync/contract/receipts.ts';
import { failure } from '../../harness/failure.ts';
import { never } from '../../search/fixture.ts';
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

test('the search is asked before the long work: what a rebuild would do, and one that would take most away', async () => {
  const bench = await searchBench();
  const { alias, wire } = bench;
  const deps = { config: bench.config, now: Date.now };
  const check = (): ReturnType<typeof examineSearch> =>
    examineSearch(deps, { environment: 'dst', thorough: true }, never());
  const subject = `dst: search ${alias}`;
  const room = {
    level: 'ok',
    subject: 'dst: search',
    finding: expect.stringContaining('of memory') as string,
  };
  expect(await check()).toMatchObject([
    { level: 'note', subject, finding: expect.stringMatching(/not built yet/) as string },
    room,
  ]);
  await bench.run({ kind: 'typesense', input: { environment: 'dst' } });
  expect(await check()).toMatchObject([
    { level: 'ok', subject, finding: '2 documents, as in the database' },
    room,
  ]);
  expect(await wire.collections(`${alias}__`)).toEqual([await bench.live()]);

  await bench.target.query(
    `INSERT INTO "Part" SELECT g, 'x' FROM generate_series(3, 400) AS g; ANALYZE "Part"`,
  );
  await wire.send('PATCH', `/collections/${await bench.live()}/documents/1`, { popularity: 7 });
  const rebuild =
    'a rebuild adds 398, changes 1 and removes 0 of 400 documents; popularity: written by another';
  expect(await check()).toMatchObject([
    { level: 'note', finding: expect.stringContaining(rebuild) as string },
    room,
  ]);
  // The same in passing.
  expect(await examine(deps, ['dst'], never())).toContainEqual(
    expect.objectContaining({ subject, finding: expect.stringContaining(rebuild) as string }),
  );
  await bench.run({ kind: 'typesense', input: { environment: 'dst' } });
  const live = await bench.live();

  // A plan compares the source's documents with the live ones.
  await wire.send('PATCH', `/collections/${live}/documents/2`, { popularity: 7 });
  await bench.source.query(`
    TRUNCATE "Part"; INSERT INTO "Part" SELECT g, CASE WHEN g < 3 THEN 'old' ELSE 'x' END FROM generate_series(1, 390) AS g;
    INSERT INTO "Part" VALUES (1001, 'x'); ANALYZE "Part"`);
  const { collections } = await planSync(deps, { source: 'src', target: 'dst' }, never());
  expect(collections).toEqual([
    {
      name: alias,
      documentsEstimated: 391,
      changes: { add: 1, change: 1, remove: 10, lost: ['popularity'] },
    },
  ]);
  await bench.source.query('DELETE FROM "Part" WHERE id > 5');

  // 400 are live, and the source has 5: known to a plan, and to a sync before it reads.
  const shrunk = /has 400 documents, and its query yields 5: a rebuild would take away more than 50 %/;
  await bench.source.query('ANALYZE "Part"');
  const plan = await planSync(deps, { source: 'src', target: 'dst' }, never());
  expect(plan.blockers).toMatchObject([
    { code: 'SEARCH_SHRUNK', message: expect.stringMatching(shrunk) as string },
  ]);
  const steps: string[] = [];
  const synced = await failure(bench.sync('auto', {}, { onStep: (step) => steps.push(step) }));
  expect([synced.code, steps.includes('export')]).toEqual(['SEARCH_SHRUNK', false]);
  // A rebuild counts what it has sent.
  await bench.target.query('DELETE FROM "Part" WHERE id > 199');
  const rebuilt = await failure(bench.run({ kind: 'typesense', input: { environment: 'dst' } }));
  expect(rebuilt.message).toContain('has 400 documents, and its query yields 199');
  expect([await bench.live(), await wire.collections(`${alias}__`)]).toEqual([
    live,
    expect.arrayContaining([live]),
  ]);
  expect(await check()).toContainEqual(expect.objectContaining({ level: 'fault', subject }));
});

test('an undo compares the search that it brings back, and says where rows that were kept are not in it', async () => {
  const query = `SELECT json_build_object('id', id::text, 'name', name) AS document FROM {schema}."Part" UNION ALL
    SELECT json_build_object('id', 'n' || id, 'name', note) FROM {schema}."Note"`;
  const bench = await searchBench({ query }, { Note: 'preserve' });
  for (const end of [bench.source, bench.target])
    await end.query(
      `CREATE TABLE "Note" (id int PRIMARY KEY, note text); INSERT INTO "Note" VALUES (1, 'a')`,
    );
  await bench.run({ kind: 'typesense', input: { environment: 'dst' } });
  const synced = await bench.sync('replace');
  await bench.target.query(`INSERT INTO "Note" VALUES (2, 'later')`);
  const undone = await bench.rollback(synced.jobId);
  expect(undone.collections).toMatchObject([{ documents: 3, verified: false }]);
  expect(undone.warnings.join('\n')).toContain(
    `The search "${bench.alias}" is the one of before and differs from the database in 1 document (1 missing`,
  );
  await bench.target.query('DELETE FROM "Note" WHERE id = 2');
  const again = await bench.rollback(undone.jobId);
  expect(again.collections).toMatchObject([{ documents: 6, verified: true }]);
});
