import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { contentOf } from '../harness/content.ts';
import {
  command,
  jobOf,
  leftovers,
  smallModels,
  stateOf,
  syncArguments,
  workshop,
} from '../harness/workshop.ts';
import type { Fault, Models, Workshop } from '../harness/workshop.ts';

let models: Models;

beforeAll(async () => {
  const small = await smallModels();
  // Rows that do not come in one piece, so that a kill finds the file unfinished.
  await small.source.query(`ALTER TABLE part ADD COLUMN noise text`);
  const noise = randomBytes(3000).toString('hex');
  await small.source.query(`UPDATE part SET noise = '${noise}' || id`);
  models = { ...small, sourceContent: await contentOf(small.source) };
});

const openJournals = async ({ directory }: Workshop): Promise<readonly string[]> =>
  (await readdir(join(directory, 'data', 'jobs'))).filter((name) => name.endsWith('.journal'));

const recordOf = async ({ directory }: Workshop, job: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(directory, 'data', 'jobs', `${job}.json`), 'utf8')) as Record<
    string,
    unknown
  >;

test('kill -9 of exports and comparisons: the next job of any kind clears up after them', async () => {
  const shop = await workshop(models);
  const dead: readonly (readonly [readonly string[], Fault])[] = [
    [['export', 'src'], { sends: 'TO STDOUT' }],
    [['export', 'src', '--output', join(shop.directory, 'mine.sql')], { sends: 'TO STDOUT' }],
    [['verify', 'src', 'dst'], { step: 'verify' }],
  ];
  const jobs: string[] = [];
  for (const [argv, fault] of dead) {
    const run = await command(shop, argv, { fault });
    expect([argv, run.code]).toEqual([argv, null]);
    jobs.push(jobOf(run));
  }
  const next = await command(shop, ['export', 'src']);
  expect([next.code, next.stderr]).toEqual([0, '']);
  expect(await leftovers(shop)).toEqual([]);
  expect((await readdir(shop.directory)).filter((name) => name.startsWith('mine'))).toEqual([]);
  expect(await openJournals(shop)).toEqual([]);
  for (const job of jobs)
    expect(await recordOf(shop, job)).toMatchObject({ state: 'failed', error: { code: 'JOB_WORKER_LOST' } });
});

test('kill -9 of imports and of undos: old or new, and the next run clears up', async () => {
  const shop = await workshop(models);
  const { result } = await command(shop, ['export', 'src']);
  const id = /"dumpId":"([^"]+)"/.exec(JSON.stringify(result))?.[1] ?? '';
  const importing = ['import', id, 'dst', '--confirm', 'dst'];
  for (const fault of [{ step: 'load' }, { sends: ' RENAME TO ', before: true }] as const) {
    expect((await command(shop, importing, { fault })).code).toBe(null);
    expect(await stateOf(shop)).toBe('old');
  }
  const done = await command(shop, importing);
  expect([done.code, done.stderr]).toEqual([0, '']);
  expect(await stateOf(shop)).toBe('new');
  expect(await leftovers(shop)).toEqual([]);
  const undo = ['rollback', jobOf(done), '--confirm', 'dst'];
  for (const fault of [{ step: 'check' }, { sends: ' RENAME TO ', before: true }] as const) {
    expect((await command(shop, undo, { fault })).code).toBe(null);
    expect(await stateOf(shop)).toBe('new');
  }
  // The swap is made, and nobody lives to say so: the next run writes that down.
  expect((await command(shop, undo, { fault: { sends: ' RENAME TO ' } })).code).toBe(null);
  const state = await stateOf(shop);
  const again = await command(shop, undo);
  expect(again.code).toBe(state === 'old' ? 5 : 0);
  expect(await stateOf(shop)).toBe('old');
  expect((await command(shop, syncArguments('replace'))).code).toBe(0);
  expect(await leftovers(shop)).toEqual([]);
  expect(await openJournals(shop)).toEqual([]);
});
