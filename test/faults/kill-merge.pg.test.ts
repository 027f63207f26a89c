import { beforeAll, expect, test } from 'vitest';
import { contentOf } from '../harness/content.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, jobOf, syncArguments } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import { benchOf } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';
import { testDatabase } from '../support/postgres.ts';

let models: Models;

beforeAll(async () => {
  const [source, model] = [await testDatabase('faults_source'), await testDatabase('faults_model')];
  const definitions = `CREATE TABLE part (id int PRIMARY KEY, name text UNIQUE, parent int REFERENCES part);
    CREATE TABLE tag (part int REFERENCES part ON DELETE CASCADE, name text); CREATE SEQUENCE numbers;`;
  await source.query(`${definitions} INSERT INTO part SELECT n, 'part ' || n, NULLIF(n / 2, 0) FROM generate_series(1, 1000) AS n;
    INSERT INTO tag SELECT n, 'tag' FROM generate_series(1, 300) AS n; SELECT setval('numbers', 7)`);
  await model.query(`${definitions} INSERT INTO part SELECT n, 'part ' || (1001 - n), NULL FROM generate_series(1, 1000) AS n;
    INSERT INTO tag SELECT n, 'tag' FROM generate_series(200, 500) AS n`);
  models = {
    source,
    model,
    policies: {},
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
});

/** Before the transaction, in it, and before its commit. */
const early: readonly Fault[] = [
  { step: 'verify' },
  { sends: 'CREATE SCHEMA' },
  { sends: 'on; COMMIT', before: true },
];

// A process for each.
test(
  'kill -9 of a merge before its commit: the old state, and the next run needs no help',
  { timeout: 150_000 },
  async () => {
    const bench = await benchOf(models);
    for (const fault of early) {
      const run = await command(bench, syncArguments('merge'), { fault });
      expect([fault, run.code, await oldOrNew(bench)]).toEqual([fault, null, 'old']);
    }
    expect(await command(bench, syncArguments('merge'))).toMatchObject({ code: 0, result: { ok: true } });
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
);

test.each<[string, Fault]>([
  ['right after the commit is sent', { sends: 'on; COMMIT' }],
  ['when the commit is done', { step: 'clean' }],
])('kill -9 %s: the new state, which can be undone, whatever happens to the undo', async (_when, fault) => {
  const bench = await benchOf(models);
  const run = await command(bench, syncArguments('merge'), { fault });
  expect([run.code, await oldOrNew(bench)]).toEqual([null, 'new']);
  const undo = ['rollback', jobOf(run), '--confirm', 'dst'];
  const killed = await command(bench, undo, { fault: { sends: 'on; COMMIT', before: true } });
  expect([killed.code, await oldOrNew(bench)]).toEqual([null, 'new']);
  const undone = await command(bench, undo);
  expect([undone.stderr, undone.code]).toEqual(['', 0]);
  expect(await oldOrNew(bench)).toBe('old');
  expect(await leftovers(bench)).toEqual([]);
});
