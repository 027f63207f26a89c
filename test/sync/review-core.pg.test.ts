import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { Database } from '../../src/postgres/database.ts';
import type { Session } from '../../src/postgres/session.ts';
import { serverFact } from '../../src/postgres/sqlstate.ts';
import type { Reporter } from '../../src/progress/progress.ts';
import { openTarget } from '../../src/sync/recover/open-target.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { privatePostgres, serverUrl, testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { createBench, failure } from './bench.ts';
import type { BenchDatabase } from './bench.ts';

let words: Promise<TestDatabase> | null = null;

test('a function of the databases’ own does not get its words into an error by its choice of code', async () => {
  const bench = await createBench();
  await bench.source.query(`
    CREATE FUNCTION public.judge(q text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
      BEGIN
        IF current_database() LIKE '%source%' THEN RETURN true; END IF;
        RAISE EXCEPTION 'row says %', q USING ERRCODE = 'insufficient_privilege';
      END $$;
    CREATE TABLE public.judged (q text CHECK (public.judge(q)));
    INSERT INTO public.judged VALUES ('my secret');
  `);
  const error = await failure(bench.sync('replace'));
  expect(JSON.stringify([error.message, error.details])).not.toContain('secret');
  expect(error.message).toContain('permission was denied (SQLSTATE 42501)');
});

test.each([
  ["SELECT pg_catalog.to_tsquery('simple', 'my secret')", 'a syntax error (SQLSTATE 42601)'],
  ["SELECT v::pg_catalog.regclass FROM (VALUES ('secret'::text)) AS t (v)", 'a relation does not exist'],
  ["SELECT 'secret'::pg_catalog.regclass", 'a relation does not exist (SQLSTATE 42P01)'],
  ["SELECT v::text::pg_catalog.regtype FROM (VALUES ('secret')) AS t (v)", 'an object does not exist'],
  ["SELECT v::text::pg_catalog.regclass FROM (VALUES ('a b secret')) AS t (v)", 'a name is malformed'],
  ["DO $$ BEGIN RAISE 'secret' USING ERRCODE = 'undefined_table'; END $$", 'a relation does not exist'],
  ['SELECT * FROM public.nowhere', 'relation "public.nowhere" does not exist (SQLSTATE 42P01)'],
  ['SELECT nothing FROM pg_catalog.pg_class', 'column "nothing" does not exist (SQLSTATE 42703)'],
  ['SELECT public.nothing(1)', 'function public.nothing(integer) does not exist (SQLSTATE 42883)'],
])('of %s: %s', async (sql, fact) => {
  const { url } = await (words ??= testDatabase('words'));
  await using database = new Database({
    url: parseDatabaseUrl('DATABASE_URL', url),
    purpose: 'target',
    applicationName: 'review',
    connectionsMax: 1,
  });
  const error: unknown = await database
    .withSession((session) => session.execute(sql))
    .catch((thrown: unknown) => thrown);
  expect(serverFact(error)).toContain(fact);
  expect(serverFact(error)).not.toContain('secret');
});

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
      const options = {
        signal: new AbortController().signal,
        report: { log: () => {} } as unknown as Reporter,
      };
      return openTarget({ config, now: Date.now, journal: { name: 'j1' } }, environment, 'j1', options);
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

const odd = {
  array_nulls: 'off',
  backslash_quote: 'on',
  default_tablespace: 'pg_global',
  default_transaction_isolation: 'serializable',
  escape_string_warning: 'on',
  transform_null_equals: 'on',
};

test('settings that a connection comes with are pinned away', async () => {
  const names = [...Object.keys(odd), 'session_replication_role', 'default_table_access_method'];
  const url = new URL((await (words ??= testDatabase('words'))).url);
  const options = Object.entries({ ...odd, session_replication_role: 'replica' });
  const text = options.map(([name, value]) => `-c ${name}=${value}`).join(' ');
  url.search = `?options=${encodeURIComponent(text)}`;
  const rows = await inSession(url, (session) =>
    session.query<{ name: string; setting: string }>(
      'SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY ($1)',
      [names],
    ),
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    array_nulls: 'on',
    backslash_quote: 'safe_encoding',
    default_table_access_method: 'heap',
    default_tablespace: '',
    default_transaction_isolation: 'read committed',
    escape_string_warning: 'off',
    session_replication_role: 'origin',
    transform_null_equals: 'off',
  });
});

test('a role whose triggers are switched off, and that may not switch them on, is refused', async () => {
  const role = await testRole();
  const url = new URL((await (words ??= testDatabase('words'))).url);
  [url.username, url.password] = [role.name, role.password];
  expect(await inSession(url, (session) => session.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  await queryOnce(serverUrl(), `ALTER ROLE ${role.name} SET session_replication_role = 'replica'`);
  const error = await failure(inSession(url, (session) => session.query('SELECT 1')));
  expect(error.code).toBe('TARGET_PRIVILEGE');
  expect(error.message).toContain('session_replication_role');
});

async function inSession<T>(url: URL, work: (session: Session) => Promise<T>): Promise<T> {
  await using database = new Database({
    url: parseDatabaseUrl('DATABASE_URL', url.href),
    purpose: 'target',
    applicationName: 'review',
    connectionsMax: 1,
  });
  return await database.withSession(work);
}
