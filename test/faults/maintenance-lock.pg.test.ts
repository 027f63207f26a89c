import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Reporter } from '../../src/progress/progress.ts';
import { connectAs } from '../../src/sync/ends/connect.ts';
import { openTarget } from '../../src/sync/recover/open-target.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { privatePostgres } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { createBench } from '../harness/environment-pair.ts';
import type { BenchDatabase } from '../harness/environment-pair.ts';
import { failure } from '../harness/failure.ts';

test('a foreign dump whose maintenance connection is lost ends there, and nothing stays', async () => {
  const bench = await createBench();
  const file = join(bench.directory, 'foreign.sql');
  const tables = Array.from({ length: 1500 }, (_, n) => `CREATE TABLE public.t${n} (id int);\n`).join('');
  await writeFile(file, `${tables}INSERT INTO public.nowhere VALUES (1);\n`);
  const ended = new AbortController();
  const cutting = cutMaintenance(bench.target, ended.signal);
  const error = await failure(
    bench.run({ kind: 'import', input: { dump: { file }, target: 'dst', confirm: 'dst', mode: 'replace' } }),
  ).finally(() => ended.abort());
  expect(await cutting).toBe(1);
  expect(error.code).toBe('TARGET_LOCK_LOST');
  expect(await bench.target.query(beside)).toEqual([]);
});

const beside = `SELECT datname::text FROM pg_database WHERE starts_with(datname, current_database() || '_')`;

/** Ends the session beside the target while somebody is in the scratch database. Returns how many were ended. */
async function cutMaintenance(target: BenchDatabase, ended: AbortSignal): Promise<number> {
  while (!ended.aborted) {
    const [row] = await target.query<{ count: number }>(`
      SELECT count(pg_terminate_backend(m.pid))::int FROM pg_stat_activity AS m, pg_stat_activity AS s
      WHERE starts_with(s.datname, current_database() || '__load') AND s.application_name LIKE 'multiboard-sync j%'
        AND m.application_name = s.application_name AND m.datname = 'postgres'`);
    if (row !== undefined && row.count > 0) return row.count;
  }
  return 0;
}

test('two roles that lock in different databases still meet in the target', async () => {
  const server = await privatePostgres();
  try {
    await queryOnce(server.urlOf('postgres'), `CREATE ROLE guest LOGIN CREATEDB PASSWORD 'guest'`);
    await queryOnce(server.urlOf('postgres'), 'CREATE DATABASE goal OWNER guest');
    await queryOnce(server.urlOf('postgres'), 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
    const [owner, guest] = [new URL(server.urlOf('goal')), new URL(server.urlOf('goal'))];
    [guest.username, guest.password] = ['guest', 'guest'];
    const open = async ({ href }: URL) => {
      const directory = await scratchDirectory('lock');
      const env = { DST_DATABASE_URL: href, DATA_DIRECTORY: directory };
      const config = loadConfig({ env, cwd: directory });
      const environment = config.environments.get('dst');
      if (environment === undefined) throw new Error('no environment');
      const run = {
        config,
        now: Date.now,
        id: 'j1',
        connect: connectAs('j1'),
        journal: { name: 'j1' },
        signal: new AbortController().signal,
        report: { log: () => {} } as unknown as Reporter,
      };
      return openTarget(run, environment);
    };
    for (const [first, second] of [
      [owner, guest],
      [guest, owner],
    ] as const) {
      const held = await open(first);
      expect((await failure(open(second))).code).toBe('CONFLICT_TARGET_BUSY');
      await held[Symbol.asyncDispose]();
      await (await open(second))[Symbol.asyncDispose]();
    }
  } finally {
    await server.stop();
  }
});
