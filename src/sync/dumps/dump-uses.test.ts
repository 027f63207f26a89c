import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { manifestText } from '../../dump/manifest.ts';
import { listDumps } from '../../dump/store.ts';
import type { KnownSummaries } from '../../dump/store.ts';
import { dumpsOfJobs, undosOfJobs } from '../../jobs/waiting-dumps.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import { removeUnusedDump } from './dump-uses.ts';
import type { Run } from '../contract/run.ts';
import { Journal } from '../journal/journal.ts';
import { writeJobRecord } from '../journal/records.ts';
import { retireDumps } from './retention.ts';

const day = 86_400_000;
const now = Date.parse('2026-06-01T00:00:00Z');
let directory: string;
let config: Run['config'];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'multiboard-sync-uses-'));
  const directories = { data: directory, dumps: join(directory, 'dumps'), backups: join(directory, 'dumps') };
  config = { directories, dumps: { retentionDays: 7 } } as unknown as Run['config'];
  await mkdir(directories.dumps);
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function dump(dumpId: string, jobId: string | null = null): Promise<void> {
  const takenAt = new Date(now - 30 * day);
  const manifest = manifestText({
    formatVersion: 1,
    dumpId,
    purpose: jobId === null ? 'export' : 'backup',
    createdBy: 'test',
    jobId,
    source: {
      environment: 'e',
      database: 'd',
      systemIdentifier: null,
      serverVersion: '18',
      serverVersionNum: 180_004,
      encoding: 'UTF8',
      collation: 'C',
      characterType: 'C',
    },
    snapshot: { takenAt: takenAt.toISOString(), lsn: null },
    options: { compression: 'none', workers: 1 },
    file: { name: `${dumpId}.sql`, bytes: 0, sha256: '0'.repeat(64) },
    rows: 0,
    rawBytes: 0,
    durationMs: 0,
    extensions: [],
    objects: [],
    tables: [],
    sequences: [],
    largeObjects: { content: 'definition', objects: 0, bytes: 0, roles: [], digest: null },
    segments: (['pre-data', 'post-data'] as const).map((section) => ({
      section,
      offset: 0,
      bytes: 0,
      crc32: '00000000',
      rawBytes: 0,
    })),
  });
  const path = join(directory, 'dumps', `${dumpId}.sql`);
  await writeFile(path, '');
  await writeFile(`${path}.manifest.json`, manifest);
  await utimes(`${path}.manifest.json`, takenAt, takenAt);
}

const job = async (id: string, mode: string, undoneBy: string | null = null): Promise<void> => {
  const receipt = { type: 'receipt', mode, target: 't', backup: { dumpId: `backup-${id}` } };
  await writeJobRecord(config, {
    version: 1,
    id,
    kind: 'sync',
    state: 'done',
    source: 's',
    target: 't',
    startedAt: 1,
    finishedAt: 2,
    receipt: receipt as never,
    error: null,
    undoneBy,
  });
  await dump(`backup-${id}`, id);
};
const queue = (state: string, request: object): Pick<JobQueue, 'listJobs'> => ({
  listJobs: async (filter) => ({
    jobs:
      filter.state === state && filter.kind === (request as { kind: string }).kind
        ? [{ id: 'waiting', request } as never]
        : [],
    before: null,
  }),
});
const remove = async (id: string, jobs = queue('', { kind: '' })): Promise<string> =>
  removeUnusedDump(config, id, await dumpsOfJobs(config, jobs)).then(
    () => 'removed',
    (error: unknown) => (error as Error).message,
  );

it('a dump that nobody needs goes, and is told when it is not there', async () => {
  await dump('free');
  expect(await remove('free')).toBe('removed');
  expect(await remove('free')).toMatch(/There is no dump "free"/);
});

it('a dump that a job waits for or reads stays, and who needs it is said', async () => {
  await dump('wanted');
  await job('old', 'replace');
  for (const state of ['queued', 'running', 'cancelling']) {
    const importing = queue(state, { kind: 'import', input: { dump: { id: 'wanted' } } });
    expect(await remove('wanted', importing)).toMatch(
      /needed by job waiting, which reads it \(\w+\); it was not/,
    );
    const undoing = queue(state, { kind: 'rollback', input: { jobId: 'old' } });
    expect(await remove('backup-old', undoing)).toContain('needed by job waiting');
  }
  expect(await remove('backup-old')).toBe('removed');
});

it('a job that an undo waits to take back is known, whatever it goes back by', async () => {
  for (const state of ['queued', 'running', 'cancelling']) {
    const undoing = queue(state, { kind: 'rollback', input: { jobId: 'old' } });
    expect([...(await undosOfJobs(undoing))]).toEqual([
      ['old', `job waiting, which goes back to it (${state})`],
    ]);
  }
  expect(await undosOfJobs(queue('done', { kind: 'rollback', input: { jobId: 'old' } }))).toEqual(new Map());
  expect(await undosOfJobs(queue('queued', { kind: 'sync', input: {} }))).toEqual(new Map());
});

it('a dump that a run of any process reads or has written stays until the run has ended', async () => {
  for (const id of ['read', 'written', 'safety']) await dump(id);
  const journal = await Journal.begin(config, 'running', 1);
  await journal.write({ entry: 'started', target: 't', kind: 'sync', reads: ['read'] });
  await journal.write({ entry: 'dump', dumpId: 'written', purpose: 'export' });
  await journal.write({ entry: 'dump', dumpId: 'safety', purpose: 'backup' });
  for (const id of ['read', 'written', 'safety']) expect(await remove(id)).toContain('needed by job running');
  await journal.write({ entry: 'ended', state: 'done' });
  await journal[Symbol.asyncDispose]();
  for (const id of ['read', 'written', 'safety']) expect(await remove(id)).toBe('removed');
});

it('a list reads a manifest once, and again when another stands there', async () => {
  await dump('one');
  await dump('two');
  const damaged: string[] = [];
  const known: KnownSummaries = new Map();
  const list = async (): Promise<string[]> =>
    (await listDumps(config, (name) => damaged.push(name), known)).map(({ id }) => id).sort();
  expect(await list()).toEqual(['one', 'two']);
  const [first] = [...known.values()];
  expect(await list()).toEqual(['one', 'two']);
  expect([...known.values()][0]).toEqual(first);
  expect([...known.values()][0]?.summary).toBe(first?.summary);
  await writeFile(join(directory, 'dumps', 'two.sql.manifest.json'), '{"cut');
  await dump('three');
  expect([await list(), damaged]).toEqual([['one', 'three'], ['two.sql.manifest.json']]);
  expect(known.size).toBe(2);
});

it('a safety copy stays while it is the only undo of its job', async () => {
  await job('inplace', 'in-place');
  await job('undone', 'in-place', 'later');
  await job('replaced', 'replace');
  expect(await remove('backup-inplace')).toMatch(/the undo of job inplace, which replaced "t" in place/);
  expect([await remove('backup-undone'), await remove('backup-replaced')]).toEqual(['removed', 'removed']);
});

it('retention leaves what jobs and runs need, and everything where nobody can say', async () => {
  for (const id of ['free', 'mine', 'read', 'waited']) await dump(id);
  const other = await Journal.begin(config, 'other', 1);
  await other.write({ entry: 'started', target: 't', kind: 'rollback', reads: ['read'] });
  const own = await Journal.begin(config, 'own', 2);
  await own.write({ entry: 'started', target: 'u', kind: 'export' });
  const warnings: string[] = [];
  const context = {
    config,
    now: () => now,
    journal: own,
    report: { log: (_level: string, message: string) => warnings.push(message) },
  } as unknown as Run;
  const left = async (): Promise<string[]> =>
    (await readdir(join(directory, 'dumps'))).filter((name) => name.endsWith('.sql')).sort();
  const dumpsOfJobs = (): Promise<never> => Promise.reject(new Error('the queue is gone'));
  await retireDumps({ ...context, dumpsOfJobs }, ['mine']);
  expect([await left(), warnings]).toEqual([
    ['free.sql', 'mine.sql', 'read.sql', 'waited.sql'],
    [expect.stringContaining('An old dump could not')],
  ]);
  await retireDumps({ ...context, dumpsOfJobs: async () => new Map([['waited', 'job w']]) }, ['mine']);
  expect(await left()).toEqual(['mine.sql', 'read.sql', 'waited.sql']);
  await other[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
});
