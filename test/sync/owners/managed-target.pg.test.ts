import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../../src/dump/dump-reader.ts';
import { manifestText } from '../../../src/dump/manifest.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { PlanInput } from '../../../src/sync/contract/plan.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import { serverUrl, testDatabase, testRole } from '../../support/postgres.ts';
import {
  createBench,
  failsAndChangesNothing,
  modes,
  wholeDatabases,
} from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase, Mode } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

/** Two databases whose owner is an ordinary role, with what a provider's superuser has left in the target. */
async function managed(source: string, target = '', schemas?: readonly [string, string]) {
  const role = await testRole({ attributes: 'CREATEDB' });
  const other = await testRole();
  const databases = [await testDatabase('source'), await testDatabase('target')] as const;
  const as = (database: BenchDatabase): BenchDatabase => {
    const url = new URL(database.url);
    url.username = role.name;
    url.password = role.password;
    return { ...database, url: url.href };
  };
  const words = (sql: string): string => sql.replaceAll('$role', role.name).replaceAll('$other', other.name);
  for (const database of databases)
    await database.query(`ALTER DATABASE "${database.name}" OWNER TO "${role.name}"`);
  await databases[0].query(`SET ROLE "${role.name}"; ${words(source)}`);
  if (target !== '') await databases[1].query(words(target).replaceAll('$db', databases[1].name));
  const bench = await createBench({
    source: as(databases[0]),
    target: as(databases[1]),
    change: (config) => ({
      ...config,
      environments: new Map(
        [...config.environments].map(([name, environment]) => [
          name,
          { ...environment, schemas: null, schema: schemas?.[name === 'src' ? 0 : 1] ?? environment.schema },
        ]),
      ),
    }),
  });
  return {
    bench,
    role: role.name,
    other: other.name,
    admin: (sql: string) => databases[1].query(sql),
    words,
  };
}

const plan = ({ config }: Bench, input: Partial<PlanInput> = {}) =>
  planSync(
    { config, now: Date.now },
    { source: 'src', target: 'dst', ...input },
    { signal: new AbortController().signal },
  );

/** What the plan says is what the run says, and nothing has been written then. */
async function refusedAlike(bench: Bench, mode: Mode, input: Partial<PlanInput> = {}): Promise<string> {
  const { blockers } = await plan(bench, { ...input, mode });
  const error = await failsAndChangesNothing(bench.target, () => bench.sync(mode, input));
  expect(blockers.map(({ message }) => message)).toContain(error.message);
  return error.message;
}

describe('in place, what a provider’s superuser has left in the target', () => {
  test('each is named, and stays where that is asked for', async () => {
    const { bench } = await managed(
      'CREATE TABLE t (id int); INSERT INTO t VALUES (1)',
      // Default privileges; grants on what comes with every database; grants that somebody else made; a cast between
      // types of PostgreSQL.
      `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "$other";
       ALTER DEFAULT PRIVILEGES FOR ROLE "$role" IN SCHEMA public GRANT SELECT ON TABLES TO "$other";
       REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(float8) FROM PUBLIC; REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
       CREATE FUNCTION stamp(timestamptz) RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION stamp OWNER TO "$role";
       CREATE CAST (timestamptz AS int) WITH FUNCTION stamp(timestamptz);
       GRANT CREATE ON SCHEMA public TO "$other" WITH GRANT OPTION; SET ROLE "$other"; GRANT CREATE ON SCHEMA public TO PUBLIC`,
    );
    const names = [
      'default privileges of role postgres on tables in schema public',
      'privileges on function pg_catalog.pg_sleep(double precision)',
      'privileges on language plpgsql',
      'cast from timestamp with time zone to integer',
      'privileges on schema public',
    ];
    const message = await refusedAlike(bench, 'in-place');
    for (const name of names) expect(message).toContain(name);
    expect(message).toContain(`may not drop ${names.length} object(s)`);
    const leaveOut = [...names, 'function public.stamp(timestamp with time zone)'];
    await bench.sync('in-place', { leaveOut });
    expect(await bench.target.query('SELECT id FROM t')).toEqual([{ id: 1 }]);
  });

  test('a schema public of its own is named, with what is granted on it', async () => {
    const { bench } = await managed(
      'CREATE TABLE t (id int)',
      `ALTER SCHEMA public OWNER TO postgres; GRANT ALL ON SCHEMA public TO "$role"`,
    );
    const message = await refusedAlike(bench, 'in-place');
    for (const name of ['owner of schema public', 'privileges on schema public', 'may not drop 2 object(s)'])
      expect(message).toContain(name);
  });

  test('a publication that stays would lose a table that is made again: said before', async () => {
    const { bench } = await managed(
      'CREATE TABLE t (id int)',
      'CREATE TABLE t (id int); ALTER TABLE t OWNER TO "$role"; CREATE PUBLICATION live FOR TABLE t',
    );
    expect(await refusedAlike(bench, 'in-place', { leaveOut: ['publication live'] })).toContain(
      'table public.t in publication live (needs table public.t)',
    );
  });

  test('routines that stay keep their search_path when a schema gets another name', async () => {
    const { bench, admin } = await managed(
      `CREATE TABLE t (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = public AS 'SELECT 1'`,
      `CREATE SCHEMA provider; CREATE FUNCTION provider.told() RETURNS int LANGUAGE sql SET search_path = public AS 'SELECT 1'`,
      ['public', 'app'],
    );
    await bench.sync('in-place', { leaveOut: ['schema provider', 'function provider.told()'] });
    expect(
      await admin(
        `SELECT oid::regprocedure::text AS f, proconfig::text AS settings FROM pg_proc WHERE oid >= 16384 AND proconfig IS NOT NULL ORDER BY 1`,
      ),
    ).toEqual([
      { f: 'app.f()', settings: '{search_path=app}' },
      { f: 'provider.told()', settings: '{search_path=public}' },
    ]);
  });
});

describe('replace', () => {
  test('settings that a new database cannot be given are named; auto goes another way', async () => {
    const { bench, words } = await managed(
      'CREATE TABLE t (id int)',
      `ALTER ROLE "$other" IN DATABASE "$db" SET statement_timeout = '3s'; ALTER DATABASE "$db" SET log_min_messages = 'error';
       ALTER DATABASE "$db" SET my.own = 'x'; ALTER DATABASE "$db" SET work_mem = '5MB'`,
    );
    const message = await refusedAlike(bench, 'replace');
    expect(message).toContain(
      words('setting "log_min_messages", setting "my.own", setting "statement_timeout" of role "$other"'),
    );
    expect(await plan(bench)).toMatchObject({ mode: 'in-place', blockers: [] });
    const { mode } = await bench.run({
      kind: 'sync',
      input: { source: 'src', target: 'dst', confirm: 'dst' },
    });
    expect(mode).toBe('in-place');
  });

  test('what the safety copy cannot read is named by the plan', async () => {
    const { bench, role } = await managed(
      'CREATE TABLE t (id int)',
      'CREATE TABLE hidden (id int); ALTER TABLE hidden OWNER TO "$role"; REVOKE ALL ON hidden FROM "$role"',
    );
    const { blockers } = await plan(bench, { mode: 'replace' });
    const error = await failure(bench.sync('replace'));
    expect(blockers.map(({ message }) => message)).toEqual([error.message]);
    expect(error).toMatchObject({ code: 'TARGET_PRIVILEGE' });
    expect(error.message).toContain('"public"."hidden"');
    await bench.target.query(`SET ROLE "${role}"; CREATE TABLE still (id int)`);
    expect((await plan(bench, { mode: 'replace', backup: 'kept' })).blockers).toEqual([]);
  });
});

test.each(modes)(
  'tables on which row-level security is forced are named before anything is written, %s',
  async (mode) => {
    const { bench, role, admin } = await managed(
      `CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2); CREATE POLICY one ON t USING (id = 1);
     ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE TABLE open (id int); ALTER TABLE open ENABLE ROW LEVEL SECURITY`,
    );
    // Without ENABLE it means nothing.
    await bench.sync(mode);
    await bench.source.query('ALTER TABLE t ENABLE ROW LEVEL SECURITY');
    await failsAndChangesNothing(bench.target, () => bench.sync(mode)).then(({ code }) =>
      expect(code).toBe('SOURCE_ROWS_HIDDEN'),
    );
    const dump = await withRight(`ALTER ROLE "${role}" BYPASSRLS`, `ALTER ROLE "${role}" NOBYPASSRLS`, () =>
      bench.export(),
    );
    const error = await failsAndChangesNothing(bench.target, () =>
      bench.import({ id: dump.dump!.dumpId }, mode),
    );
    expect(error).toMatchObject({ code: 'TARGET_PRIVILEGE' });
    expect(error.message).toContain('row security of public.t');
    expect(error.message).not.toContain('public.open');
    await bench.import({ id: dump.dump!.dumpId }, mode, { leaveOut: ['row security of public.t'] });
    expect(await bench.target.query('SELECT count(*)::int AS n FROM t')).toEqual([{ n: 2 }]);
    expect(await bench.target.query(`SELECT relname::text FROM pg_class WHERE relrowsecurity`)).toEqual([
      { relname: 'open' },
    ]);

    async function withRight<T>(give: string, take: string, work: () => Promise<T>): Promise<T> {
      await admin(give);
      try {
        return await work();
      } finally {
        await admin(take);
      }
    }
  },
);

/** A dump as it was written before its objects said what they are about. */
async function olderDump(bench: Bench): Promise<string> {
  const { dump } = await bench.export();
  const manifest = parseManifest(await readFile(dump!.manifest, 'utf8'));
  const objects = manifest.objects.map(({ facts: _facts, ...object }) => object);
  await writeFile(dump!.manifest, manifestText({ ...manifest, objects }));
  return dump!.dumpId;
}

test.each(modes)(
  'owners arrive: of schema public, and of tables whose names sound like something else, %s',
  async (mode) => {
    const { bench, admin, role, other } = await managed('', 'GRANT "$other" TO "$role"');
    const named = [
      '"a of extension b"',
      '"state of trigger x"',
      `"default privileges of role x"`,
      '"x\nSET ROLE ""q"";\n"',
      '"WITHOUT FUNCTION"',
      '"x ENABLE ROW LEVEL SECURITY; FORCE ROW LEVEL SECURITY;"',
    ];
    const source = new URL(serverUrl());
    source.pathname = `/${bench.source.name}`;
    await queryOnce(
      source.href,
      `ALTER SCHEMA public OWNER TO "${other}"; GRANT ALL ON SCHEMA public TO "${role}" WITH GRANT OPTION;
       COMMENT ON SCHEMA public IS NULL;
       ${named.map((name) => `CREATE TABLE ${name} (id int); ALTER TABLE ${name} OWNER TO "${other}"; GRANT SELECT ON ${name} TO "${role}"; CREATE POLICY p ON ${name} USING (true);`).join('\n')}`,
    );
    if (mode === 'replace') await bench.sync(mode);
    else await bench.import({ id: await olderDump(bench) }, mode);
    expect(await admin(`SELECT nspacl::text AS acl FROM pg_namespace WHERE nspname = 'public'`)).toEqual(
      await queryOnce(source.href, `SELECT nspacl::text AS acl FROM pg_namespace WHERE nspname = 'public'`),
    );
    expect(
      await admin(
        `SELECT count(*)::int AS n FROM pg_class WHERE relkind = 'r' AND relowner = '${other}'::regrole`,
      ),
    ).toEqual([{ n: named.length }]);
  },
);

describe('a source', () => {
  test('sequences whose values the role may not see are named, all of them, unless their table is excluded', async () => {
    const { bench, role } = await managed('');
    const admin = await testDatabase('closed');
    await admin.query(
      `ALTER DATABASE "${admin.name}" OWNER TO "${role}"; CREATE SCHEMA auth; CREATE TABLE auth.users (id serial, n int GENERATED ALWAYS AS IDENTITY);
       CREATE SEQUENCE one; CREATE SEQUENCE "Two"`,
    );
    const url = new URL(bench.source.url);
    url.pathname = `/${admin.name}`;
    const closed = await createBench({
      source: { ...admin, url: url.href },
      policies: { 'auth.*': 'exclude' },
      change: wholeDatabases,
    });
    const { blockers } = await plan(closed);
    expect(blockers.map(({ code, details }) => ({ code, sequences: details['sequences'] }))).toEqual([
      { code: 'SOURCE_NOT_READABLE', sequences: ['public."Two"', 'public.one'] },
    ]);
    await admin.query(`GRANT SELECT ON SEQUENCE one, "Two" TO "${role}"`);
    await closed.sync('replace', { owners: false });
    expect(await closed.target.query(`SELECT to_regclass('public.one')::text AS one`)).toEqual([
      { one: 'one' },
    ]);
  });
});

test('a role that may not ask for the system identifier can be a target, and is not its own source', async () => {
  const source = await testDatabase('source');
  await source.query('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10)');
  const target = await testDatabase('target');
  const role = await testRole({ attributes: 'CREATEDB' });
  await queryOnce(serverUrl(), `ALTER DATABASE "${target.name}" OWNER TO "${role.name}"`);
  const url = new URL(target.url);
  [url.username, url.password] = [role.name, role.password];
  await queryOnce(target.url, 'REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
  const bench = await createBench({ source, target: { ...target, url: url.href } });
  await bench.sync('in-place', { owners: false, privileges: false });
  expect(await target.query('SELECT count(*)::int AS rows FROM t')).toEqual([{ rows: 10 }]);
  const same = await failure(
    bench.run({ kind: 'sync', input: { source: 'dst', target: 'dst', confirm: 'dst' } }),
  );
  expect(same.code).toBe('CONFLICT_SAME_DATABASE');
});
