import { Client } from 'pg';
import { expect, test } from 'vitest';
import { dropKept } from '../../../src/sync/verbs/drop-kept.ts';
import type { DropKeptInput } from '../../../src/sync/verbs/drop-kept.ts';
import { keptState, keptStates } from '../../../src/sync/verbs/kept-states.ts';
import type { Config } from '../../../src/config/config.ts';
import { runCli } from '../../cli/run-cli.ts';
import { startSweeping } from '../../../src/sweeping.ts';
import { sweepKept } from '../../../src/sync/recover/sweep-kept.ts';
import { createBench } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { serverUrl } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';

const options = { signal: new AbortController().signal };

async function rowed(): Promise<Bench> {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE t (v int); INSERT INTO t VALUES (2)');
  await bench.target.query('CREATE TABLE t (v int); INSERT INTO t VALUES (1)');
  return bench;
}
const list = (config: Config, environment?: string) =>
  keptStates({ config, now: Date.now }, { environment }, options);
const drop = (
  { config }: Bench,
  id: string,
  { confirm = 'dst', undone = new Map<string, string>() }: Partial<DropKeptInput> = {},
) => dropKept({ config, now: Date.now }, { id, confirm, queued: new Map(), undone }, options);

test('kept databases and safety copies are listed as one, with size, end and the job that an undo takes back', async () => {
  const bench = await rowed();
  const replaced = await bench.sync('replace');
  await bench.source.query('INSERT INTO t VALUES (3)');
  const inPlace = await bench.sync('in-place');
  const { kept, notAsked, unreadable } = await list(bench.config);
  expect([notAsked, unreadable]).toEqual([[], []]);
  expect(kept).toMatchObject([
    { id: inPlace.backup?.dumpId, kind: 'safety copy', environment: 'dst', jobId: inPlace.jobId },
    { id: replaced.keptDatabase, kind: 'database', environment: 'dst', jobId: replaced.jobId, inUse: null },
  ]);
  const hours = kept.map(({ keptAt, until }) => Math.round((until - keptAt) / 3_600_000));
  expect(hours).toEqual([7 * 24, 24]);
  expect(kept.every(({ bytes }) => (bytes ?? 0) > 0)).toBe(true);
  expect((await list(bench.config, 'src')).kept).toEqual([]);

  const { job, outlook } = await keptState(
    { config: bench.config, now: Date.now },
    replaced.keptDatabase ?? '',
    options,
  );
  expect(job).toMatchObject({ id: replaced.jobId, kind: 'sync', source: 'src', undoneBy: null });
  expect(outlook?.overtakenBy).toEqual([inPlace.jobId]);

  // What has brought its state back is of no use to an undo any more.
  await bench.rollback(inPlace.jobId);
  expect((await list(bench.config)).kept.some(({ jobId }) => jobId === inPlace.jobId)).toBe(false);
});

test('one of them is dropped by the name of its environment, and its job can no longer be undone', async () => {
  const bench = await rowed();
  const first = await bench.sync('replace');
  const second = await bench.sync('in-place');
  const database = first.keptDatabase ?? '';
  const copy = second.backup?.dumpId ?? '';

  expect((await failure(drop(bench, database, { confirm: 'src' }))).code).toBe('USAGE_CONFIRM_MISMATCH');
  expect((await failure(drop(bench, 'dst__old_nobody'))).code).toBe('USAGE_NOT_FOUND');
  // The live database has no such name to be dropped by.
  expect((await failure(drop(bench, bench.target.name))).code).toBe('USAGE_NOT_FOUND');
  expect((await list(bench.config)).kept).toHaveLength(2);

  const undone = new Map([[first.jobId, 'job later, which goes back to it (queued)']]);
  expect(await failure(drop(bench, database, { undone }))).toMatchObject({
    code: 'CONFLICT_STATE',
    message: expect.stringContaining('needed by job later') as string,
  });
  expect((await list(bench.config)).kept).toHaveLength(2);

  await drop(bench, copy);
  expect((await failure(bench.rollback(second.jobId))).code).toBe('CONFLICT_UNDO_GONE');
  await drop(bench, database);
  const undo = bench.run({
    kind: 'rollback',
    input: { jobId: first.jobId, confirm: 'dst', passOver: true },
  });
  expect((await failure(undo)).code).toBe('CONFLICT_UNDO_GONE');
  expect((await list(bench.config)).kept).toEqual([]);
  expect(await bench.target.query('SELECT v FROM t')).toEqual([{ v: 2 }]);
});

test('rows that a merge has kept are one of them, and can be dropped', async () => {
  const bench = await rowed();
  const merged = await bench.run({
    kind: 'sync',
    input: { source: 'src', target: 'dst', confirm: 'dst', mode: 'merge' },
  });
  const { kept } = await list(bench.config);
  expect(kept).toMatchObject([
    { id: merged.undoSchema, kind: 'rows', environment: 'dst', jobId: merged.jobId },
  ]);
  expect(kept[0]?.bytes).toBeGreaterThan(0);
  expect((kept[0]?.until ?? 0) - Date.now()).toBeGreaterThan(23 * 3_600_000);
  const undone = new Map([[merged.jobId, 'job later']]);
  expect((await failure(drop(bench, merged.undoSchema ?? '', { undone }))).code).toBe('CONFLICT_STATE');
  await drop(bench, merged.undoSchema ?? '');
  expect((await list(bench.config)).kept).toEqual([]);
  expect((await failure(bench.rollback(merged.jobId))).code).toBe('CONFLICT_UNDO_GONE');
  expect(await bench.target.query('SELECT v FROM t')).toEqual([{ v: 2 }]);
});

test('a kept database that somebody uses, or that was made live, is left alone', async () => {
  const bench = await rowed();
  const { keptDatabase } = await bench.sync('replace');
  const name = keptDatabase ?? '';
  await queryOnce(serverUrl(), `ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
  const url = new URL(bench.target.url);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href, application_name: 'somebody' });
  await client.connect();
  expect((await list(bench.config)).kept[0]?.inUse).toMatch(/is connected to it/);
  const error = await failure(drop(bench, name));
  expect(error.code).toBe('CONFLICT_STATE');
  expect((await client.query('SELECT v FROM t')).rows).toEqual([{ v: 1 }]);
  await client.end();
});

test('the service removes what is over, and what is beyond the number or the size; never the newest, nothing in use', async () => {
  const bench = await rowed();
  const names: string[] = [];
  for (let run = 0; run < 3; run += 1) names.push((await bench.sync('replace')).keptDatabase ?? '');
  const left = async (): Promise<readonly string[]> =>
    (await list(bench.config)).kept.map(({ id }) => id).toReversed();
  const limited = (limits: Partial<Config['sync']>): Config => ({
    ...bench.config,
    sync: { ...bench.config.sync, ...limits },
  });
  expect(await sweepKept(bench.config, options)).toEqual([]);
  expect(await left()).toEqual(names);
  expect(await sweepKept(limited({ keepDatabases: 2 }), options)).toEqual([
    { environment: 'dst', removed: [names[0]], failure: null },
  ]);
  expect(await left()).toEqual(names.slice(1));
  // Smaller than any database.
  await sweepKept(limited({ keepDatabaseBytes: 1_000_000 }), options);
  expect(await left()).toEqual(names.slice(2));

  const logged: unknown[] = [];
  const log = (fields: unknown): void => {
    logged.push(fields);
  };
  // Somebody's clock may be wrong: the end stands on the server, and is set back there.
  await queryOnce(
    serverUrl(),
    `DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', '${names[2]}', regexp_replace(shobj_description(
       (SELECT oid FROM pg_database WHERE datname = '${names[2]}'), 'pg_database'), '"until":\\d+', '"until":1')); END $$`,
  );
  const stop = startSweeping(bench.config, { info: log, warn: log, error: log }, 20);
  await expect.poll(left, { timeout: 15_000 }).toEqual([]);
  await expect.poll(() => logged).toContainEqual({ environment: 'dst', removed: [names[2]] });
  await stop();
});

test('a server that does not answer is part of the list', async () => {
  const bench = await rowed();
  const { keptDatabase } = await bench.sync('replace');
  const gone = bench.with({ SRC_DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing' });
  const { kept, notAsked } = await list(gone.config);
  expect(kept.map(({ id }) => id)).toEqual([keptDatabase]);
  expect(notAsked).toMatchObject([{ environment: 'src', reason: expect.stringContaining('127.0.0.1') }]);
});

test('the command line shows them, says what an undo brings back, and drops one', async () => {
  const bench = await rowed();
  const { keptDatabase, jobId } = await bench.sync('replace');
  const id = keptDatabase ?? '';
  const cli = (...argv: string[]) => runCli(['kept', ...argv], { cwd: bench.directory, env: bench.env });
  const listed = await cli();
  expect(listed.stdout).toContain(id);
  expect(listed.stdout).toContain('Undo: rollback');
  const shown = await cli('show', id);
  expect(shown.stdout).toContain(`multiboard-sync rollback ${jobId} brings dst back to what it was before`);
  const refused = await cli('drop', id);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--confirm')]);
  const dropped = await cli('drop', id, '--confirm', 'dst');
  expect([dropped.code, dropped.stdout]).toEqual([0, expect.stringContaining('cannot be undone any more')]);
  expect((await cli('list', 'dst')).stdout).toBe('Nothing is kept for undo.\n');
});
