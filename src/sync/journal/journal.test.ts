import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { scratchDirectory } from '../../../test/support/scratch.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Config } from '../../config/config.ts';
import { recoverReaders } from '../recover/recover-readers.ts';
import { isLiving, Journal, unfinishedJournals } from './journal.ts';
import { thisProcess } from './living.ts';
import type { AttemptProcess } from './living.ts';
import { readJobRecord, writeJobRecord } from './records.ts';
import type { JobRecord } from './records.ts';
import { retireRecords } from './retire.ts';

const any = (): boolean => true;

async function dataDirectory(): Promise<{ config: Config; jobs: string }> {
  const cwd = await scratchDirectory('journal');
  const config = loadConfig({ env: { DATA_DIRECTORY: cwd }, cwd });
  // Makes the directories.
  await (await Journal.begin(config, 'first', 1))[Symbol.asyncDispose]();
  return { config, jobs: join(cwd, 'jobs') };
}

const record = (id: string): JobRecord => ({
  version: 1,
  id,
  kind: 'export',
  state: 'running',
  source: 'src',
  target: null,
  startedAt: 1,
  finishedAt: null,
  receipt: null,
  error: null,
  undoneBy: null,
});

const deadProcess = async () => ({ ...(await thisProcess()), pid: 2 ** 30 });

test('journals that ended are not read again, be there thousands of them', async () => {
  const { config, jobs } = await dataDirectory();
  const line = JSON.stringify({ entry: 'ended', state: 'done' });
  // As earlier versions left them.
  for (let n = 0; n < 500; n += 1) await writeFile(join(jobs, `j${n}.1.journal`), `\n${line}\n`);
  await unfinishedJournals(config, any, '');
  expect((await readdir(jobs)).filter((name) => /^j.*\.journal$/.test(name))).toEqual([]);
  for (let n = 500; n < 5_000; n += 1) await writeFile(join(jobs, `j${n}.1.ended`), `\n${line}\n`);
  const begun = performance.now();
  for (let times = 0; times < 10; times += 1) await unfinishedJournals(config, any, '');
  expect((performance.now() - begun) / 10).toBeLessThan(100);
});

test('a journal is its process’s until it is closed; then the next run’s, or nobody’s', async () => {
  const { config, jobs } = await dataDirectory();
  const only = async () => (await unfinishedJournals(config, (target) => target === 'dst', ''))[0];
  const journal = await Journal.begin(config, 'mine', 7);
  await journal.write({ entry: 'started', target: 'dst', kind: 'sync', process: await thisProcess() });
  const found = await only();
  if (found === undefined) throw new Error('not found');
  expect([found.jobId, found.at, await isLiving(config, found)]).toEqual(['mine', 7, true]);
  journal.leaveOpen();
  await journal[Symbol.asyncDispose]();
  const left = await only();
  if (left === undefined) throw new Error('not found');
  expect(await isLiving(config, left)).toBe(false);
  await Journal.end(config, left.name, 'recovered: old state');
  expect(await only()).toBeUndefined();
  expect(await readdir(jobs)).toContain('mine.7.ended');
  // Two that recover the same one at a time: the later finds nothing to do.
  await Journal.end(config, left.name, 'recovered: old state');
  expect(await readdir(jobs)).not.toContain('mine.7.journal');
});

test('a journal whose process cannot be looked up is alive as long as somebody touches it', async () => {
  const { config, jobs } = await dataDirectory();
  const write = async (name: string, by: AttemptProcess): Promise<string> => {
    const started = { entry: 'started', target: 'dst', kind: 'sync', process: by };
    const path = join(jobs, `${name}.1.journal`);
    await writeFile(path, `\n${JSON.stringify(started)}\n`);
    return path;
  };
  const old = new Date(Date.now() - 3_600_000);
  const elsewhere = { host: 'another host', pid: 1 };
  await utimes(await write('cold', elsewhere), old, old);
  const warm = await write('warm', elsewhere);
  // Of a process that lives: our clock may just have been set, or this machine have slept.
  const here = await write('here', { ...(await thisProcess()), pid: process.ppid });
  await utimes(here, old, old);
  const journals = await unfinishedJournals(config, (target) => target === 'dst', '');
  const isAlive = async (name: string): Promise<boolean> => {
    const found = journals.find(({ jobId }) => jobId === name);
    if (found === undefined) throw new Error('not found');
    return isLiving(config, found);
  };
  expect(await isAlive('cold')).toBe(false);
  // Beats by another clock than ours, and begins when the other one has looked.
  const done = new AbortController();
  const asking = Promise.all([isAlive('warm'), isAlive('here')]).finally(() => done.abort());
  for (let beat = 1; !done.signal.aborted; beat += 1) {
    await delay(100);
    const then = new Date(old.getTime() + 1000 * beat);
    await utimes(warm, then, then);
    await utimes(here, then, then);
  }
  expect(await asking).toEqual([true, true]);
});

test('what an export that died left is removed, beside its file too, and its record says that it died', async () => {
  const { config, jobs } = await dataDirectory();
  const output = join(jobs, 'mine.sql');
  const process = await deadProcess();
  const lines = [
    { entry: 'started', target: null, kind: 'export', process },
    { entry: 'dump', dumpId: 'src-export-dead', purpose: 'export', output },
  ];
  await writeFile(join(jobs, 'dead.1.journal'), lines.map((line) => `\n${JSON.stringify(line)}\n`).join(''));
  await writeJobRecord(config, record('dead'));
  // Killed while it wrote its record once more.
  await writeFile(join(jobs, 'dead.json.0123456789ab.partial'), '{');
  await writeFile(join(jobs, 'deader.json.0123456789ab.partial'), '{');
  const manifest = 'mine.sql.manifest.json.0123456789ab.partial';
  for (const name of ['mine.sql', 'mine.sql.0123456789ab.partial', manifest, 'mine.sql.notes.partial'])
    await writeFile(join(jobs, name), '');
  expect(await recoverReaders({ config, now: () => 5 }, '')).toEqual([
    'Removed the file "mine.sql.0123456789ab.partial" of run dead.',
    'Removed the file "mine.sql.manifest.json.0123456789ab.partial" of run dead.',
  ]);
  expect((await readdir(jobs)).filter((name) => name.startsWith('mine.sql')).sort()).toEqual([
    'mine.sql',
    'mine.sql.notes.partial',
  ]);
  expect((await readdir(jobs)).filter((name) => name.endsWith('b.partial'))).toEqual([
    'deader.json.0123456789ab.partial',
  ]);
  expect(await readJobRecord(config, 'dead')).toMatchObject({
    state: 'failed',
    finishedAt: 5,
    error: { code: 'JOB_WORKER_LOST', message: 'Job "dead" died; it had only read.' },
  });
  expect(await recoverReaders({ config, now: () => 6 }, '')).toEqual([]);
});

test.each([
  ['in the middle of its text', (text: string) => text.slice(0, text.length / 2)],
  ['at nothing', () => ''],
  ['to another shape', () => '[]'],
  ['to another version', (text: string) => text.replace('"version":1', '"version":2')],
  ['to another job’s', (text: string) => text.replace('"id":"cut"', '"id":"uncut"')],
])('a record that was cut %s is named, and no bug', async (_how, damage) => {
  const { config, jobs } = await dataDirectory();
  await writeJobRecord(config, record('cut'));
  const path = join(jobs, 'cut.json');
  await writeFile(path, damage(await readFile(path, 'utf8')));
  await expect(readJobRecord(config, 'cut')).rejects.toMatchObject({
    code: 'STORAGE_RECORD_DAMAGED',
    message: expect.stringContaining('jobs/cut.json') as string,
  });
});

test('a journal that was cut in half is told once, and stops nobody', async () => {
  const { config, jobs } = await dataDirectory();
  const process = await deadProcess();
  const started = JSON.stringify({ entry: 'started', target: null, kind: 'verify', process });
  const dump = JSON.stringify({ entry: 'dump', dumpId: 'src-export-torn', purpose: 'export' });
  await writeFile(join(jobs, 'torn.1.journal'), `\n${started}\n\n${dump.slice(0, 20)}\n\n${dump}\n`);
  await writeFile(join(jobs, 'last.1.journal'), `\n${started}\n\n${dump.slice(0, 20)}`);
  // Its first line: only its record knows whose it was.
  await writeFile(join(jobs, 'head.1.journal'), `\n${started.slice(0, 20)}\n`);
  const old = new Date(Date.now() - 3_600_000);
  await utimes(join(jobs, 'head.1.journal'), old, old);
  await writeJobRecord(config, { ...record('head'), kind: 'sync', target: 'dst' });
  expect(await recoverReaders({ config, now: () => 5 }, '')).toEqual([
    'The journal of run torn cannot be read in line 4: that run may have left more than was removed.',
  ]);
  const [head] = await unfinishedJournals(config, (target) => target === 'dst', '');
  expect([head?.jobId, head?.unreadable]).toEqual(['head', [2]]);
  expect(await recoverReaders({ config, now: () => 5 }, '')).toEqual([]);
});

test('records and journals go when their time is over, those of an undo that is still possible stay', async () => {
  const { config, jobs } = await dataDirectory();
  const at = async (name: string, days: number): Promise<void> => {
    await writeFile(join(jobs, name), '');
    const then = new Date(Date.now() - days * 86_400_000);
    await utimes(join(jobs, name), then, then);
  };
  for (const name of ['a.json', 'a.1.ended', 'open.1.journal']) await at(name, 91);
  await at('b.json', 89);
  await at('a.json.0123456789ab.partial', 2);
  await at('b.json.0123456789ab.partial', 0);
  await at('../service.json.0123456789ab.partial', 2);
  await at('../service.json', 91);
  await retireRecords(config, Date.now());
  const names = async () => (await readdir(jobs)).filter((name) => /^(a|b|c|open)\./.test(name)).sort();
  expect(await names()).toEqual(['b.json', 'b.json.0123456789ab.partial', 'open.1.journal']);
  expect((await readdir(join(jobs, '..'))).filter((name) => name.startsWith('service'))).toEqual([
    'service.json',
  ]);
  // Once a day.
  await at('c.json', 91);
  await retireRecords(config, Date.now());
  expect(await names()).toContain('c.json');
  const longer = { ...config, dumps: { ...config.dumps, retentionDays: 120 } };
  await retireRecords(longer, Date.now() + 2 * 86_400_000);
  expect(await names()).toContain('c.json');
  await retireRecords(config, Date.now() + 2 * 86_400_000);
  expect(await names()).not.toContain('c.json');
});
