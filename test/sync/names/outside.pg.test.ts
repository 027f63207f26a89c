import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { atStep, createBench, failsAndChangesNothing, stateOf } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { clientToolsDirectory } from '../../support/client-tools-directory.ts';
import { testDatabase } from '../../support/postgres.ts';

/** Runs are about these schemas; `names`: of the application's schema on both ends. */
const limited =
  (schemas: readonly string[], names: readonly [string, string] = ['public', 'public']) =>
  (config: Config): Config => ({
    ...config,
    environments: new Map(
      [...config.environments].map(([name, one]) => [
        name,
        name === 'src' ? { ...one, schema: names[0], schemas } : { ...one, schema: names[1] },
      ]),
    ),
  });

async function pair(source: string, target: string, change = limited(['public'])): Promise<Bench> {
  const bench = await createBench({
    source: await testDatabase('source'),
    target: await testDatabase('target'),
    change,
  });
  await bench.source.query(source);
  await bench.target.query(target);
  return bench;
}

const table = 'CREATE TABLE public.t (id int); INSERT INTO public.t VALUES (1)';

describe('what lies outside the schemas of a run', () => {
  test('and hangs on them is not put back from an old plan: what is made meanwhile stops the run', async () => {
    const bench = await pair(
      table,
      `${table}; CREATE SCHEMA audit; CREATE VIEW audit.one AS SELECT id FROM public.t`,
    );
    const psql = join(await clientToolsDirectory(), 'psql');
    const sql = 'CREATE VIEW audit.two AS SELECT id + 1 AS id FROM public.t';
    const run = bench.sync(
      'in-place',
      {},
      {
        // The run is in this process: it goes on when the view is there.
        onEvent: atStep('backup', () => {
          execFileSync(psql, ['--no-psqlrc', '--quiet', `--dbname=${bench.target.url}`, '--command', sql]);
        }),
      },
    );
    const error = await failure(run);
    expect(error).toMatchObject({ code: 'CONFLICT_TARGET_CHANGED' });
    expect(error.message).toContain('view audit.two');
    expect(
      await bench.target.query(`SELECT viewname FROM pg_views WHERE schemaname = 'audit' ORDER BY 1`),
    ).toEqual([{ viewname: 'one' }, { viewname: 'two' }]);
  });

  test('is never stale: an index over a function that changes is made again, a generated column is named', async () => {
    const f = (body: string): string =>
      `CREATE FUNCTION public.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ${body}'`;
    const bench = await pair(
      `${table}; ${f('upper($1)')}`,
      `${table}; ${f('lower($1)')}; CREATE SCHEMA audit; CREATE TABLE audit.n (x text);
       INSERT INTO audit.n SELECT 'aB' || i FROM generate_series(1, 5) AS i; CREATE INDEX ON audit.n (public.f(x))`,
    );
    await bench.sync('in-place');
    expect(
      await bench.target.query(`SET enable_seqscan = off; SELECT x FROM audit.n WHERE public.f(x) = 'AB1'`),
    ).toEqual([{ x: 'aB1' }]);
    await bench.target.query(
      'ALTER TABLE audit.n ADD COLUMN g text GENERATED ALWAYS AS (public.f(x)) STORED',
    );
    await bench.source.query(
      `CREATE OR REPLACE FUNCTION public.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1'`,
    );
    const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
    expect(error.message).toContain('table audit.n needs function public.f(text)');
  });

  test('and stands between objects inside is made again between them', async () => {
    const between = (more: string): string =>
      `${table}; CREATE TYPE public.k AS ENUM ('a'); CREATE SCHEMA private;
       CREATE FUNCTION private.f() RETURNS public.k LANGUAGE sql AS $$SELECT 'a'::public.k$$;
       CREATE FUNCTION private.g(public.k) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT $1::text$$;
       CREATE VIEW public.v AS SELECT private.f() AS k, ${more} AS n;
       CREATE TABLE public.u (k public.k, t text DEFAULT private.g(private.f()));
       CREATE INDEX ON public.u (private.g(k)); CREATE VIEW private.w AS SELECT * FROM public.v`;
    const bench = await pair(between('1'), between('2'));
    const before = await stateOf(bench.target);
    const { jobId } = await bench.sync('in-place');
    expect((await bench.verify()).differences).toEqual([]);
    expect(await bench.target.query('SELECT k::text, n FROM private.w')).toEqual([{ k: 'a', n: 1 }]);
    await bench.rollback(jobId);
    expect(await stateOf(bench.target)).toEqual(before);
  });

  test('and calls a function that calls itself: it gets its new definition where it is', async () => {
    const bench = await pair(
      `${table}; CREATE FUNCTION public.r(n int) RETURNS int LANGUAGE sql AS 'SELECT 1';
       CREATE OR REPLACE FUNCTION public.r(n int) RETURNS int LANGUAGE sql
         BEGIN ATOMIC SELECT CASE WHEN n < 1 THEN 5 ELSE public.r(n - 1) END; END;
       COMMENT ON FUNCTION public.r(int) IS 'ends with 5'`,
      `${table}; CREATE FUNCTION public.r(n int) RETURNS int LANGUAGE sql AS 'SELECT 7'; CREATE SCHEMA audit;
       CREATE VIEW audit.one AS SELECT public.r(3) AS r`,
    );
    const { jobId } = await bench.sync('in-place');
    expect((await bench.verify()).differences).toEqual([]);
    expect(await bench.target.query('SELECT r FROM audit.one')).toEqual([{ r: 5 }]);
    await bench.rollback(jobId);
    expect(await bench.target.query('SELECT r FROM audit.one')).toEqual([{ r: 7 }]);
  });

  test('is not locked but for keys, keeps its large objects, and keeps grants where grants are left out', async () => {
    const secret = 'CREATE FUNCTION public.h() RETURNS trigger LANGUAGE plpgsql AS';
    const bench = await pair(
      `${table}; ${secret} 'BEGIN RETURN NEW; END'`,
      `${table}; ${secret} 'BEGIN RETURN OLD; END'; REVOKE ALL ON FUNCTION public.h() FROM PUBLIC; CREATE SCHEMA audit;
       CREATE TABLE audit.a (id int); CREATE TRIGGER h AFTER INSERT ON audit.a FOR EACH ROW EXECUTE FUNCTION public.h();
       SELECT lo_from_bytea(0, 'kept')`,
    );
    const locked: Promise<unknown>[] = [];
    await bench.sync(
      'in-place',
      { privileges: false },
      {
        onEvent: atStep('load', () => {
          locked.push(
            bench.target.query(
              `SELECT mode FROM pg_locks WHERE relation = 'audit.a'::regclass AND mode <> 'AccessShareLock'`,
            ),
          );
        }),
      },
    );
    expect(await Promise.all(locked)).toEqual([[]]);
    expect(
      await bench.target.query(
        `SELECT proacl::text AS acl, (SELECT count(*)::int FROM pg_largeobject_metadata) AS objects FROM pg_proc WHERE proname = 'h'`,
      ),
    ).toEqual([{ acl: '{postgres=X/postgres}', objects: 1 }]);
  });
  test.each([
    ['public', 'public'],
    ['shop', 'public'],
    ['public', 'shop'],
  ])(
    '%s to %s: rows that keys across the border would miss are known before anything is read',
    async (here, there) => {
      const rows = (schema: string, users: string): string =>
        `CREATE SCHEMA IF NOT EXISTS ${schema}; CREATE SCHEMA auth;
       CREATE TABLE auth.users (id int PRIMARY KEY, code text UNIQUE); INSERT INTO auth.users VALUES ${users};
       CREATE TABLE ${schema}.t (id int PRIMARY KEY, by int REFERENCES auth.users, code text REFERENCES auth.users (code))`;
      const bench = await pair(
        `${rows(here, `(1, 'a'), (2, 'b'), (3, 'c')`)}; INSERT INTO ${here}.t VALUES (1, 1, 'a'), (2, 3, NULL), (3, NULL, 'b')`,
        `${rows(there, `(1, 'a')`)}; CREATE SCHEMA audit; INSERT INTO ${there}.t VALUES (1), (4), (5);
       CREATE TABLE audit.n (t int REFERENCES ${there}.t); INSERT INTO audit.n VALUES (1), (4), (5)`,
        limited([here], [here, there]),
      );
      const { details, message } = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
      expect(details['keys']).toEqual(['auth.users: 3', `${there}.t: 4`, `${there}.t: 5`]);
      expect(message).toContain(
        `1 row(s) of ${there}.t, which come from the source, refer to 1 row(s) of auth.users`,
      );
      expect(message).toContain('3 foreign key(s)');
      await bench.target.query(
        `INSERT INTO auth.users VALUES (2, 'b'), (3, 'c'); DELETE FROM audit.n WHERE t > 1`,
      );
      await bench.sync('in-place');
      expect((await bench.verify()).equal).toBe(true);
    },
  );
});

describe('a schema of the run', () => {
  test('that the target does not have is made, and goes again by an undo; one that holds an extension stays', async () => {
    const bench = await pair(
      `${table}; CREATE SCHEMA billing; CREATE TABLE billing.paid (id int)`,
      `${table}; CREATE SCHEMA app; CREATE EXTENSION seg SCHEMA app`,
      limited(['public', 'billing']),
    );
    const before = await stateOf(bench.target);
    const { jobId } = await bench.sync('in-place');
    await bench.rollback(jobId);
    expect(await stateOf(bench.target)).toEqual(before);
    const own = await pair(
      `${table}; CREATE SCHEMA app; CREATE EXTENSION seg SCHEMA app; CREATE TABLE app.s (v app.seg)`,
      'CREATE SCHEMA app; CREATE EXTENSION seg SCHEMA app',
      limited(['app'], ['app', 'app']),
    );
    await own.sync('in-place');
    expect((await own.verify()).differences).toEqual([]);
  });

  test('under another name: an unrelated schema of the source’s name stays, and a function that keeps its place looks there', async () => {
    const h = (schema: string): string =>
      `CREATE FUNCTION ${schema}.h() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schema}
       AS 'BEGIN INSERT INTO t VALUES (9); RETURN NEW; END'`;
    const bench = await pair(
      `CREATE SCHEMA shop; CREATE TABLE shop.t (id int); ${h('shop')}`,
      `CREATE TABLE public.t (id int); ${h('public')}; CREATE SCHEMA audit; CREATE TABLE audit.a (id int);
       CREATE TRIGGER h AFTER INSERT ON audit.a FOR EACH ROW EXECUTE FUNCTION public.h();
       CREATE SCHEMA shop; CREATE TABLE shop.other (id int); INSERT INTO shop.other VALUES (7)`,
      limited(['shop'], ['shop', 'public']),
    );
    await bench.sync('in-place');
    await bench.target.query('INSERT INTO audit.a VALUES (1)');
    expect(await bench.target.query('SELECT t.id, other.id AS other FROM public.t, shop.other')).toEqual([
      { id: 9, other: 7 },
    ]);
    expect((await bench.verify()).differences.map(({ name }) => name)).toEqual(['shop.t']);
  });

  test.each([
    ['public', 'shop'],
    ['shop', 'public'],
  ])('%s that becomes %s: an extension has to be where its names lead', async (here, there) => {
    const fill = `CREATE TABLE ${here}.w (v ${here}.seg DEFAULT '1 .. 2'::${here}.seg); INSERT INTO ${here}.w VALUES ('1 .. 3')`;
    const bench = await pair(
      `CREATE SCHEMA IF NOT EXISTS ${here}; CREATE EXTENSION seg SCHEMA ${here}; ${fill}`,
      `CREATE SCHEMA shop; CREATE EXTENSION seg SCHEMA ${here}; CREATE TABLE ${there}.old (id int)`,
      limited([here], [here, there]),
    );
    const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
    expect(error.message).toContain(`extension seg in schema ${there} (needed by table ${here}.w)`);
    expect(error.hint).toContain(`CREATE extension seg SCHEMA ${there};`);
    await bench.target.query(`ALTER EXTENSION seg SET SCHEMA ${there}`);
    const { jobId } = await bench.sync('in-place');
    expect((await bench.verify()).differences).toEqual([]);
    await bench.rollback(jobId);
    expect(await bench.target.query(`SELECT to_regclass('${there}.old')::text AS t`)).toEqual([
      { t: there === 'public' ? 'old' : 'shop.old' },
    ]);
  });
});
