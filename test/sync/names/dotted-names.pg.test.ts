import { expect, test } from 'vitest';
import { createBench, expectEqual, modes, rowsOf } from '../../harness/environment-pair.ts';
import type { BenchDatabase } from '../../harness/environment-pair.ts';

/**
 * Two tables, two functions and a sequence each that are one where a dot in a name is taken for the dot between names.
 */
const schema = `CREATE SCHEMA a; CREATE SCHEMA "a.b";
  CREATE TABLE a."b.c" (id serial PRIMARY KEY, v text); CREATE TABLE "a.b".c (id serial PRIMARY KEY, v text);
  CREATE TABLE a."b*c" (v text); CREATE TABLE a.bxc (v text);`;
const tables = ['a."b.c"', '"a.b".c', 'a."b*c"', 'a.bxc'] as const;
const rows = (database: BenchDatabase): Promise<unknown> =>
  Promise.all(tables.map((table) => rowsOf(database, table)));
const fill = (word: string): string =>
  tables.map((table) => `INSERT INTO ${table} (v) VALUES ('${word} of ${table}')`).join('; ');

test.each(modes)('tables whose names differ only by where a dot stands are two tables, %s', async (mode) => {
  const bench = await createBench({ policies: { '"a.b".c': 'preserve', 'a."b*c"': 'preserve' } });
  await bench.source.query(schema);
  await bench.target.query(schema);
  await bench.source.query(fill('new'));
  await bench.target.query(fill('old'));
  const { jobId, tables: receipts } = await bench.sync(mode);
  const kept = receipts.filter(({ content }) => content === 'kept').map(({ table }) => table);
  expect(kept.toSorted()).toEqual(['"a.b".c', 'a."b*c"']);
  expect(await rows(bench.target)).toEqual([
    ['(1,"new of a.""b.c""")'],
    ['(1,"old of ""a.b"".c")'],
    ['("old of a.""b*c""")'],
    ['("new of a.bxc")'],
  ]);

  await bench.target.query(fill('later'));
  await bench.rollback(jobId);
  expect(await rows(bench.target)).toEqual([
    ['(1,"old of a.""b.c""")'],
    ['(1,"old of ""a.b"".c")', '(2,"later of ""a.b"".c")'],
    ['("later of a.""b*c""")', '("old of a.""b*c""")'],
    ['("old of a.bxc")'],
  ]);
});

test('a difference in one of them is seen, and none where there is none', async () => {
  const bench = await createBench();
  await bench.source.query(`${schema} ${fill('same')}`);
  await bench.sync('replace');
  await expectEqual(bench);
  await bench.target.query(`UPDATE a."b.c" SET v = 'changed'`);
  const { equal, tables: compared } = await bench.verify();
  expect([equal, compared.filter((table) => !table.equal).map(({ table }) => table)]).toEqual([
    false,
    ['a."b.c"'],
  ]);
});
