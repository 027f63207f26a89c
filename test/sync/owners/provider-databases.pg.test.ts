import { beforeAll, describe, expect, it } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { SyncInput } from '../../../src/sync/contract/inputs.ts';
import { privatePostgres } from '../../support/postgres.ts';
import type { PrivatePostgres } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import { createBench, stateOf, wholeDatabases } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase, BenchOptions } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

/** A project as providers give it: their roles, schemas, secrets and event triggers around the application's tables. */
const project = `
  CREATE SCHEMA auth AUTHORIZATION auth_admin; CREATE SCHEMA storage AUTHORIZATION storage_admin; CREATE SCHEMA vault;
  GRANT USAGE ON SCHEMA auth, storage TO postgres, anon;
  SET ROLE auth_admin;
  CREATE TABLE auth.users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text, encrypted_password text);
  INSERT INTO auth.users (email, encrypted_password) VALUES ('ann@example.org', 'hash');
  CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
  GRANT ALL ON auth.users TO postgres;
  SET ROLE storage_admin; CREATE TABLE storage.objects (id int PRIMARY KEY, name text); INSERT INTO storage.objects VALUES (1, 'logo');
  GRANT ALL ON storage.objects TO postgres;
  RESET ROLE;
  CREATE TABLE vault.secrets (id int PRIMARY KEY, secret text); INSERT INTO vault.secrets VALUES (1, 'kept by the provider');
  CREATE FUNCTION vault.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
  CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION vault.watch();
  CREATE EVENT TRIGGER watch_drops ON sql_drop EXECUTE FUNCTION vault.watch();
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon;
  SET ROLE postgres; CREATE TABLE public."Part" (id int PRIMARY KEY, name text); INSERT INTO public."Part" VALUES (1, 'production');
  CREATE TABLE public."Profile" (id uuid REFERENCES auth.users, name text); GRANT SELECT ON public."Part" TO anon`;

describe('a database that a provider runs', () => {
  let server: PrivatePostgres;
  const as = (role: string, database: string): string => {
    const url = new URL(server.urlOf(database));
    url.username = role;
    url.password = 'x';
    return url.href;
  };
  const admin = (database: string, sql: string): Promise<Record<string, unknown>[]> =>
    queryOnce(as('supabase_admin', database), sql);
  beforeAll(async () => {
    server = await privatePostgres({ wal_level: 'logical' });
    await queryOnce(server.url, `CREATE ROLE supabase_admin SUPERUSER LOGIN PASSWORD 'x'`);
    await admin(
      'template1',
      `ALTER ROLE postgres RENAME TO cluster_admin; CREATE ROLE anon; CREATE ROLE auth_admin NOINHERIT; CREATE ROLE storage_admin NOINHERIT;
       CREATE ROLE postgres LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS PASSWORD 'x'; GRANT anon, pg_signal_backend, pg_read_all_data TO postgres;
       CREATE ROLE rds_superuser; CREATE ROLE rdsadmin SUPERUSER; CREATE ROLE master LOGIN CREATEDB CREATEROLE PASSWORD 'x';
       GRANT rds_superuser, pg_signal_backend, pg_read_all_data TO master; ALTER DATABASE postgres OWNER TO postgres`,
    );
  });

  /** The database as its role sees it, with the state that a superuser sees. */
  async function ends(
    role: string,
    name: string,
    options: BenchOptions = {},
  ): Promise<{ bench: Bench; state: () => Promise<unknown> }> {
    const target: BenchDatabase = {
      name,
      url: as(role, name),
      query: (sql, values) => queryOnce(as(role, name), sql, values) as Promise<never>,
    };
    const bench = await createBench({ ...options, target, change: wholeDatabases });
    await bench.source.query(
      `CREATE TABLE "Part" (id int PRIMARY KEY, name text); INSERT INTO "Part" VALUES (1, 'staging'), (2, 'more')`,
    );
    const seen: BenchDatabase = {
      name,
      url: as('supabase_admin', name),
      query: (sql) => admin(name, sql) as Promise<never>,
    };
    const state = async (): Promise<unknown> => ({
      ...(await stateOf(seen)),
      all: await admin('template1', 'SELECT oid, datname, datdba, datacl FROM pg_database ORDER BY 1'),
    });
    return { bench, state };
  }

  /** What each run says that must be refused, by plan and by sync alike. */
  async function refusals(bench: Bench, inputs: readonly Partial<SyncInput>[]): Promise<readonly string[]> {
    const said: string[] = [];
    for (const input of inputs) {
      const planned = await planSync(
        { config: bench.config, now: Date.now },
        { source: 'src', target: 'dst', ...input },
        { signal: new AbortController().signal },
      );
      const error = await failure(bench.sync('replace', input));
      expect(planned.mode).not.toBe('replace');
      expect(planned.blockers.map(({ message }) => message)).toContain(error.message);
      for (const { hint } of planned.blockers) expect(hint).not.toMatch(/--no-(owner|privileges)/);
      said.push(error.message);
    }
    return said;
  }

  const around = {
    owners: false,
    privileges: false,
    leaveOut: ['event trigger', 'extension hstore', 'schema vault'],
  };
  const every: readonly Partial<SyncInput>[] = [
    { mode: 'auto' },
    { mode: 'replace' },
    { mode: 'auto', ...around },
    { mode: 'replace', ...around, leaveOut: ['event trigger'] },
    { mode: 'replace', ...around, backup: 'kept' },
  ];

  it('keeps its accounts, secrets, event triggers and grants, whichever option is tried', async () => {
    await admin('postgres', project);
    const { bench, state } = await ends('postgres', 'postgres', {
      policies: { 'auth.*': 'preserve', 'storage.*': 'preserve', 'vault.*': 'exclude', Profile: 'preserve' },
    });
    const before = await state();
    const said = await refusals(bench, [...every, { mode: 'in-place', ...around }]);
    const replace = said.filter((message) => message.includes('Mode replace'));
    expect(replace).toHaveLength(3);
    for (const message of replace) {
      for (const name of [
        'it is a database of the server itself',
        'schema auth (auth_admin)',
        'table auth.users (auth_admin)',
        'table storage.objects (storage_admin)',
        'table vault.secrets (supabase_admin)',
        'event trigger watch_ddl (supabase_admin)',
        'default privileges of role supabase_admin on tables in schema public (supabase_admin)',
      ])
        expect(message).toContain(name);
    }
    const dump = await bench.export();
    for (const mode of ['auto', 'replace'] as const)
      await failure(bench.import({ id: dump.dump?.dumpId ?? '' }, 'replace', { mode, ...around }));
    expect(await state()).toEqual(before);

    // The choice is the same with a slot and a provider's session there, and with none.
    await admin('postgres', `SELECT pg_create_logical_replication_slot('realtime', 'pgoutput')`);
    expect(await refusals(bench, every.slice(0, 2))).toEqual(said.slice(0, 2));
    await admin('postgres', `SELECT pg_drop_replication_slot('realtime')`);
    expect(await state()).toEqual(before);
  });

  const ofOthers: readonly (readonly [what: string, sql: string, named: string])[] = [
    ['a schema', 'CREATE SCHEMA provider', 'schema provider (supabase_admin)'],
    [
      'an event trigger and its function',
      `CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END'; CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION watch()`,
      'event trigger watch_ddl (supabase_admin)',
    ],
    ['an extension', 'CREATE EXTENSION hstore', 'extension hstore (supabase_admin)'],
    [
      'default privileges',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO anon',
      'default privileges of role supabase_admin',
    ],
    [
      'a grant made by another role',
      `CREATE TABLE given (id int); ALTER TABLE given OWNER TO master; GRANT SELECT ON given TO auth_admin WITH GRANT OPTION; SET ROLE auth_admin; GRANT SELECT ON given TO anon`,
      'privileges on table public.given (granted by auth_admin)',
    ],
    ['a large object', 'SELECT lo_create(77)', '1 large object(s) of other roles'],
    [
      'a grant on what every database has',
      'REVOKE EXECUTE ON FUNCTION pg_sleep(float8) FROM PUBLIC',
      'pg_sleep',
    ],
    ['a publication', 'CREATE PUBLICATION realtime FOR ALL TABLES', 'publication realtime (supabase_admin)'],
    ['a schema public of its own', 'ALTER SCHEMA public OWNER TO supabase_admin', 'owner of schema public'],
  ];

  it('whatever is of others is a reason against replace in an owner’s own database, by name', async () => {
    await admin('template1', 'CREATE DATABASE shop TEMPLATE template0 OWNER master');
    for (const [, sql] of ofOthers) await admin('shop', sql);
    const { bench } = await ends('master', 'shop');
    const error = await failure(bench.sync('replace', { owners: false, privileges: false }));
    expect(error.code).toBe('TARGET_PRIVILEGE');
    const { mode, modeReason } = await planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst' },
      { signal: new AbortController().signal },
    );
    expect(mode).toBe('in-place');
    for (const said of [error.message, modeReason ?? ''])
      expect(ofOthers.filter(([, , named]) => !said.includes(named)).map(([what]) => what)).toEqual([]);
  });

  it('a database that holds only what is the role’s own is replaced', async () => {
    await admin('template1', `CREATE DATABASE own TEMPLATE template0 OWNER master`);
    await admin('own', 'SET ROLE master; CREATE TABLE "Part" (id int); CREATE EXTENSION citext');
    const { bench } = await ends('master', 'own');
    expect(await bench.sync('replace', { mode: 'auto', owners: false, privileges: false })).toMatchObject({
      mode: 'replace',
    });
  });
});
