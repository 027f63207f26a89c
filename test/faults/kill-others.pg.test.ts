import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { contentOf } from '../harness/content.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, jobOf } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import { failure } from '../harness/failure.ts';
import { benchOf, smallModels } from '../harness/models.ts';
import type { ModelBench, Models } from '../harness/models.ts';

let models: Models;

beforeAll(async () => {
  const small = await smallModels();
  // Rows that do not come in one piece, so that a kill finds the file unfinished.
  await small.source.query(`ALTER TABLE part ADD COLUMN noise text`);
  const noise = randomBytes(3000).toString('hex');
  await small.source.query(`UPDATE part SET noise = '${noise}' || id`);
  models = { ...small, sourceContent: await contentOf(small.source) };
});

const openJournals = async ({ directory }: ModelBench): Promise<readonly string[]> =>
  (await readdir(join(directory, 'jobs'))).filter((name) => name.endsWith('.journal'));

const recordOf = async ({ directory }: ModelBench, job: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(directory, 'jobs', `${job}.json`), 'utf8')) as Record<string, unknown>;

test('kill -9 of exports and comparisons: the next job of any kind clears up after them', async () => {
  const bench = await benchOf(models);
  const dead: readonly (readonly [readonly string[], Fault])[] = [
    [['export', 'src'], { sends: 'TO STDOUT' }],
    [['export', 'src', '--output', join(bench.directory, 'mine.sql')], { sends: 'TO STDOUT' }],
    [['verify', 'src', 'dst'], { step: 'verify' }],
  ];
  const jobs: string[] = [];
  for (const [argv, fault] of dead) {
    const run = await command(bench, argv, { fault });
    expect([argv, run.code]).toEqual([argv, null]);
    jobs.push(jobOf(run));
  }
  await bench.export();
  expect(await leftovers(bench)).toEqual([]);
  expect((await readdir(bench.directory)).filter((name) => name.startsWith('mine'))).toEqual([]);
  expect(await openJournals(bench)).toEqual([]);
  for (const job of jobs)
    expect(await recordOf(bench, job)).toMatchObject({ state: 'failed', error: { code: 'JOB_WORKER_LOST' } });
});

test('kill -9 of imports and of undos: old or new, and the next run clears up', async () => {
  const bench = await benchOf(models);
  const { dump } = await bench.export();
  const id = dump?.dumpId ?? '';
  const importing = ['import', id, 'dst', '--confirm', 'dst'];
  for (const fault of [{ step: 'load' }, { sends: ' RENAME TO ', before: true }] as const) {
    expect((await command(bench, importing, { fault })).code).toBe(null);
    expect(await oldOrNew(bench)).toBe('old');
  }
  const done = await bench.import({ id }, 'replace');
  expect(await oldOrNew(bench)).toBe('new');
  expect(await leftovers(bench)).toEqual([]);
  const undo = ['rollback', done.jobId, '--confirm', 'dst'];
  for (const fault of [{ step: 'check' }, { sends: ' RENAME TO ', before: true }] as const) {
    expect((await command(bench, undo, { fault })).code).toBe(null);
    expect(await oldOrNew(bench)).toBe('new');
  }
  // The swap is made, and nobody lives to say so: the next run writes that down.
  expect((await command(bench, undo, { fault: { sends: ' RENAME TO ' } })).code).toBe(null);
  const state = await oldOrNew(bench);
  if (state === 'old') expect((await failure(bench.rollback(done.jobId))).code).toBe('CONFLICT_STATE');
  else await bench.rollback(done.jobId);
  expect(await oldOrNew(bench)).toBe('old');
  await bench.sync('replace');
  expect(await leftovers(bench)).toEqual([]);
  expect(await openJournals(bench)).toEqual([]);
});

test('kill -9 of rehearsals: the next one drops what they have left', async () => {
  const bench = await benchOf(models);
  expect((await command(bench, ['export', 'src'])).code).toBe(0);
  const rehearse = ['rehearse', 'src', 'dst'];
  for (const fault of [
    { sends: 'CREATE DATABASE' },
    { step: 'load' },
    { sends: 'DROP DATABASE', before: true },
  ] as const) {
    expect((await command(bench, rehearse, { fault })).code).toBe(null);
    expect(await oldOrNew(bench)).toBe('old');
  }
  const next = await command(bench, rehearse);
  expect([next.code, next.stderr]).toEqual([0, '']);
  expect(await leftovers(bench)).toEqual([]);
  expect(await oldOrNew(bench)).toBe('old');
  expect(await openJournals(bench)).toEqual([]);
});
