import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { cp, lstat, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packagedBinaries } from '../../src/embedded/binaries.ts';
import { processesIn } from '../../src/lib/processes.ts';
import { startPostgres } from '../../src/embedded/start-postgres.ts';
import type { RunningPostgres, StartPostgresInput } from '../../src/embedded/start-postgres.ts';
import { atFileEnd, testDatabase } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { scratchDirectory } from '../support/scratch.ts';

const directory = await scratchDirectory('embedded');
afterAll(() => rm(directory, { recursive: true, force: true }));

async function start(input: Partial<StartPostgresInput> = {}): Promise<RunningPostgres> {
  const server = await startPostgres({ directory, ...input });
  atFileEnd(() => server.stop());
  return server;
}

describe('the programs', () => {
  test('run from a folder without its links that is closed to the user PostgreSQL runs as', async () => {
    // As npm leaves the package when it may not run install scripts, below a home that only root may enter.
    const closed = await scratchDirectory('closed');
    const binaries = join(closed, 'native');
    await cp(packagedBinaries(), binaries, {
      recursive: true,
      filter: async (path) => !(await lstat(path)).isSymbolicLink(),
    });
    const home = await scratchDirectory('other-build');
    const before = await copies();
    const server = await startPostgres({ directory: home, binaries });
    atFileEnd(() => server.stop());
    expect(await queryOnce(server.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(await copies()).toEqual(before);
    await rm(closed, { recursive: true });
    await rm(home, { recursive: true });
  });
});

/** Copies of programs that this process left in the temporary folder. */
async function copies(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) =>
    name.startsWith(`multiboard-sync-postgres-${process.pid}-`),
  );
}

describe('the embedded PostgreSQL', () => {
  test('starts in a new directory, keeps its rows over a stop, and leaves no process', async () => {
    const first = await start({ settings: { work_mem: '5MB' } });
    expect(await queryOnce(first.url(), 'SHOW work_mem')).toEqual([{ work_mem: '5MB' }]);
    expect(await queryOnce(first.url(), 'SHOW listen_addresses')).toEqual([
      { listen_addresses: '127.0.0.1' },
    ]);
    await queryOnce(first.url(), 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (42)');
    await first.stop();
    await first.stop();
    expect(await processesIn(join(directory, 'data'))).toEqual([]);

    const second = await start();
    expect(await queryOnce(second.url(), 'SELECT id FROM kept')).toEqual([{ id: 42 }]);
    await second.stop();
  });

  test('asks for the password, which only its owner can read', async () => {
    const server = await start();
    const wrong = new URL(server.url());
    wrong.password = 'wrong';
    await expect(queryOnce(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o066).toBe(0);
    expect(statSync(join(directory, 'data')).mode & 0o077).toBe(0);
    await server.stop();
  });

  test('its log holds no value of a row', async () => {
    const server = await start();
    await queryOnce(server.url(), 'CREATE TABLE secrets (v text PRIMARY KEY)');
    const insert = `INSERT INTO secrets VALUES ('planted-value'), ('planted-value')`;
    await expect(queryOnce(server.url(), insert)).rejects.toMatchObject({ code: '23505' });
    await server.stop();
    const log = readFileSync(join(directory, 'server.log'), 'utf8');
    expect(log).toContain('duplicate key');
    expect(log).not.toContain('planted-value');
  });

  test('starts again after kill -9, with a stale postmaster.pid, and what was committed is there', async () => {
    const server = await start();
    await queryOnce(server.url(), 'CREATE TABLE survived (id int); INSERT INTO survived VALUES (7)');
    await server.kill();
    expect(await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).toContain(`${server.pid}`);
    expect(await processesIn(join(directory, 'data'))).toEqual([]);

    const again = await start();
    expect(await queryOnce(again.url(), 'SELECT id FROM survived')).toEqual([{ id: 7 }]);
    await again.stop();
  });

  test('sees through a postmaster.pid whose id belongs to another program by now', async () => {
    const pidFile = join(directory, 'data', 'postmaster.pid');
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      await writeFile(pidFile, `${stranger.pid}\n/nowhere\n1\n5432\n\n\n\nready   \n`);
      const server = await start();
      expect(await queryOnce(server.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await server.stop();
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  test('refuses a directory that is in use', async () => {
    const server = await start();
    await expect(startPostgres({ directory })).rejects.toMatchObject({ code: 'EMBEDDED_BUSY' });
    expect(await queryOnce(server.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  test('a start that is aborted leaves nothing running', async () => {
    const abort = new AbortController();
    const starting = startPostgres({ directory, signal: abort.signal });
    abort.abort(new Error('not wanted any more'));
    await expect(starting).rejects.toThrow('not wanted any more');
    expect(await processesIn(join(directory, 'data'))).toEqual([]);
  });

  test('says what the server said when it cannot start', async () => {
    const broken = start({ settings: { no_such_setting: 'x' } });
    await expect(broken).rejects.toMatchObject({
      code: 'EMBEDDED_START_FAILED',
      message: expect.stringContaining('no_such_setting') as string,
    });
  });

  test('works below a folder that is closed to the user it runs as', async () => {
    const closed = await scratchDirectory('closed');
    const server = await startPostgres({ directory: join(closed, 'postgres') });
    atFileEnd(() => server.stop());
    await queryOnce(server.url(), 'CREATE DATABASE other');
    expect(await queryOnce(server.url('other'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    await rm(closed, { recursive: true });
  });

  test('a half-made cluster is made anew', async () => {
    const fresh = await scratchDirectory('half-made');
    await mkdir(join(fresh, 'data.unfinished', 'base'), { recursive: true });
    const server = await startPostgres({ directory: fresh });
    atFileEnd(() => server.stop());
    expect(await queryOnce(server.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    await rm(fresh, { recursive: true });
  });
});

test('a test database is fresh and answers', async () => {
  const database = await testDatabase();
  expect(await database.query('SELECT current_database() AS name')).toEqual([{ name: database.name }]);
});
