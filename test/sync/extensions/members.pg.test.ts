import { describe, expect, test } from 'vitest';
import { psql } from '../../support/client-tools.ts';
import { lacks } from '../../support/lacks.ts';
import { testDatabase } from '../../support/postgres.ts';
import { atStep, createBench, expectEqual, modes } from '../../harness/environment-pair.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { BenchDatabase } from '../../harness/environment-pair.ts';

/** Changes of each kind of member. */
const changes = `
  CREATE SCHEMA ext;
  CREATE EXTENSION unaccent WITH SCHEMA public;
  ALTER FUNCTION public.unaccent(text) IMMUTABLE PARALLEL RESTRICTED COST 7.25;
  CREATE EXTENSION intarray WITH SCHEMA ext;
  CREATE EXTENSION citext WITH SCHEMA ext;
  ALTER FUNCTION ext.citext_eq(ext.citext, ext.citext) COST 3 SET work_mem = '5MB';
  CREATE OR REPLACE FUNCTION ext.strpos(ext.citext, ext.citext) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 42';
  CREATE OR REPLACE FUNCTION ext.replace(ext.citext, ext.citext, c ext.citext DEFAULT 'x') RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''r''';
  ALTER OPERATOR ext.@@ (int[], ext.query_int) SET (RESTRICT = contsel, JOIN = NONE);
  ALTER OPERATOR ext.&& (int[], int[]) SET (HASHES);
  CREATE EXTENSION hstore WITH SCHEMA ext;
  ALTER TYPE ext.hstore SET (STORAGE = main);
  CREATE EXTENSION dict_int WITH SCHEMA ext;
  ALTER TEXT SEARCH DICTIONARY ext.intdict (MAXLEN = 4, REJECTLONG = true);
  CREATE EXTENSION postgres_fdw WITH SCHEMA ext;
  ALTER FOREIGN DATA WRAPPER postgres_fdw NO VALIDATOR OPTIONS (ADD note '7');
  COMMENT ON FUNCTION public.unaccent(text) IS 'it''s ours';
  COMMENT ON OPERATOR ext.= (ext.citext, ext.citext) IS 'any case';
  COMMENT ON CAST (text AS ext.citext) IS 'a cast';
  CREATE EXTENSION earthdistance WITH SCHEMA ext CASCADE;
  COMMENT ON CONSTRAINT not_3d ON DOMAIN ext.earth IS 'three of them';
  DO $$BEGIN CREATE ROLE owner_of_earth; EXCEPTION WHEN duplicate_object THEN END$$;
  ALTER DOMAIN ext.earth OWNER TO owner_of_earth;
  CREATE EXTENSION tablefunc WITH SCHEMA ext;
  ALTER FUNCTION ext.hs_concat(ext.hstore, ext.hstore) DEPENDS ON EXTENSION tablefunc;
  COMMENT ON COLUMN ext.tablefunc_crosstab_2.row_name IS 'the row''s name';
  CREATE TABLE public.city (id int PRIMARY KEY, name text);
  INSERT INTO public.city SELECT g, 'Ñandú ' || g FROM generate_series(1, 100) AS g;
  CREATE INDEX city_plain ON public.city (public.unaccent(name));`;

/** A transaction a statement. */
const change = async (database: BenchDatabase): Promise<void> => {
  for (const statement of changes.split(';\n')) await database.query(statement);
};

const membersOf = async (database: BenchDatabase): Promise<readonly unknown[]> =>
  database.query(`
    SELECT p.oid::regprocedure::text AS what, concat_ws(' ', p.provolatile, p.proparallel, p.procost, l.lanname) AS state, p.proconfig::text AS more
    FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang WHERE proname IN ('unaccent', 'citext_eq', 'strpos') AND p.oid > 16384
    UNION ALL SELECT oid::regoperator::text, oprrest::text, oprjoin::text FROM pg_operator WHERE oprname = '@@' AND oid > 16384
    UNION ALL SELECT typname, typstorage::text, typowner::regrole::text FROM pg_type WHERE typname IN ('hstore', 'earth')
    UNION ALL SELECT dictname, dictinitoption, NULL FROM pg_ts_dict WHERE dictname = 'intdict'
    UNION ALL SELECT fdwname, fdwoptions::text, NULL FROM pg_foreign_data_wrapper
    UNION ALL SELECT classoid::regclass || description, 'comment', NULL FROM pg_description
      WHERE description IN ('it''s ours', 'any case', 'a cast', 'three of them', 'the row''s name')
    UNION ALL SELECT e.extname, 'goes with', NULL FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid WHERE d.deptype = 'x'
    UNION ALL SELECT indexdef, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1`);

describe.each(modes)('what was changed of members of extensions, %s', (mode) => {
  test('arrives with what needs it, and comes back with an undo', async () => {
    const bench = await createBench();
    await change(bench.source);
    const wanted = await membersOf(bench.source);
    await bench.sync(mode);
    await expectEqual(bench);
    expect(await membersOf(bench.target)).toEqual(wanted);
    await bench.source.query('DROP INDEX public.city_plain; ALTER FUNCTION public.unaccent(text) STABLE');
    await bench.source.query(`COMMENT ON COLUMN ext.tablefunc_crosstab_2.row_name IS 'another'`);
    expect((await bench.verify()).differences.map(({ name }) => name)).toEqual([
      'index public.city_plain',
      'comments on parts of type ext.tablefunc_crosstab_2 of extension tablefunc',
      'function public.unaccent(text) of extension unaccent',
    ]);
    if (mode === 'replace') return; // An undo renames the database that was.
    const { jobId } = await bench.sync(mode);
    await bench.rollback(jobId);
    expect(await membersOf(bench.target)).toEqual(wanted);
  });
});

test('what no statement makes again is named by the plan, and can be left out', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE EXTENSION pg_stat_statements');
  await bench.source.query('CREATE EXTENSION earthdistance CASCADE');
  await bench.source.query('ALTER DOMAIN earth ADD CONSTRAINT known CHECK (VALUE IS NOT NULL)');
  await bench.source.query('ALTER VIEW pg_stat_statements ALTER COLUMN userid SET DEFAULT 0');
  const names = [
    'changes of type public.earth of extension earthdistance',
    'changes of view public.pg_stat_statements of extension pg_stat_statements',
  ];
  await expect(bench.sync('replace')).rejects.toMatchObject({
    code: 'SOURCE_OBJECT_UNSUPPORTED',
    details: {
      objects: [expect.stringContaining(names[0] ?? '?'), expect.stringContaining(names[1] ?? '?')],
    },
  });
  await bench.sync('replace', { leaveOut: names });
  const differing = (await bench.verify()).differences.map(({ name }) => `changes of ${name}`);
  expect(differing).toEqual(expect.arrayContaining(names));
});

/** What no catalogue of the source shows: nothing that was written says so any more, or it could be many things. */
test('what extensions hold otherwise is named before rows are loaded where something is missing, else in the receipt', async () => {
  const bench = await createBench();
  for (const statement of [
    'CREATE EXTENSION earthdistance CASCADE',
    'CREATE EXTENSION citext',
    'CREATE EXTENSION unaccent',
    'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE mine (a int); INSERT INTO mine VALUES (7)',
    'ALTER DOMAIN earth DROP CONSTRAINT not_3d',
    'COMMENT ON EXTENSION citext IS NULL',
    'ALTER EXTENSION unaccent DROP FUNCTION unaccent(text)',
    'DROP FUNCTION unaccent(text)',
    'GRANT CREATE ON SCHEMA public TO pg_monitor; ALTER FUNCTION citext_eq(citext, citext) OWNER TO pg_monitor',
    'ALTER EXTENSION unaccent ADD TABLE mine',
  ])
    await bench.source.query(statement);
  await bench.target.query('CREATE EXTENSION unaccent; CREATE TABLE old (id int)');
  const missing = 'table public.mine of extension unaccent';
  const { warnings } = await planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst', mode: 'replace' },
    { signal: new AbortController().signal },
  );
  expect(warnings.join()).toContain(
    `${missing} is missing; function public.unaccent(text) of extension unaccent is too many`,
  );
  const steps = new Set<string>();
  const noRows = { onEvent: atStep('load', () => steps.add('load')) };
  await expect(bench.sync('in-place', {}, noRows)).rejects.toMatchObject({
    code: 'SOURCE_OBJECT_UNSUPPORTED',
    details: { objects: [missing] },
  });
  expect([...steps]).toEqual([]);
  expect(await bench.target.query('SELECT count(*)::int FROM old')).toEqual([{ count: 0 }]);
  const others = [
    'type public.earth of extension earthdistance is different',
    'function public.unaccent(text) of extension unaccent is too many',
  ];
  for (const mode of modes) {
    const receipt = await bench.sync(mode, { leaveOut: [missing] });
    const said = receipt.warnings.filter((warning) => warning.includes('hold something else'));
    expect(said).toEqual([expect.stringContaining(others[0] ?? '?')]);
    expect(said[0]).toContain(others[1]);
  }
  expect((await bench.verify()).differences.map(({ name }) => name)).toEqual([
    'type public.earth of extension earthdistance',
    'table public.mine of extension unaccent',
    'function public.unaccent(text) of extension unaccent',
  ]);
  expect(
    await bench.target.query(
      `SELECT proowner::regrole::text AS owner FROM pg_proc WHERE proname = 'citext_eq'`,
    ),
  ).toEqual([{ owner: 'pg_monitor' }]);
  await bench.source.query(
    'ALTER AGGREGATE max(citext) RENAME TO most; ALTER OPERATOR CLASS citext_ops USING btree RENAME TO own_ops',
  );
  await expect(bench.sync('replace', { leaveOut: [missing] })).rejects.toMatchObject({
    code: 'SOURCE_OBJECT_UNSUPPORTED',
    details: {
      objects: [
        expect.stringContaining('changes of aggregate public.most(public.citext)'),
        expect.stringContaining('changes of operator class public.own_ops'),
      ],
    },
  });
});

test.skipIf(lacks('client-tools'))('a dump has them, for psql as well', async () => {
  const bench = await createBench();
  await change(bench.source);
  const { dump } = await bench.export({ compression: 'none' });
  const other = await testDatabase('restored');
  const restored = await psql(other.url, ['--quiet', '--output=/dev/null', `--file=${dump?.file ?? ''}`]);
  expect(restored.stderr).toBe('');
  expect(await membersOf(other)).toEqual(await membersOf(bench.source));
});
