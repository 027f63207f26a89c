import { describe, expect, test } from 'vitest';
import { InsertRows } from '../../sql-lexer/insert-rows.ts';
import { tokensOf } from '../../sql-lexer/tokens.ts';
import { judgeStatement } from './judge-statement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';

function judge(sql: string, options: ForeignOptions = {}, hasRows = /from stdin/i.test(sql)): Judgement {
  const rows = new InsertRows();
  for (const { kind, word, text } of tokensOf(Buffer.from(sql)).slice(1))
    rows.take(kind, kind === 'symbol' ? text : word);
  const insertsConstants = !/^insert/i.test(sql) || rows.areConstants;
  return judgeStatement(
    { text: Buffer.from(sql), standardStrings: true, hasRows, insertsConstants },
    options,
  );
}

describe('what pg_dump writes is run, and named by kind and object', () => {
  test.each([
    ["SET client_encoding = 'UTF8';", 'SET client_encoding'],
    ['SET default_table_access_method = heap;', 'SET default_table_access_method'],
    ["SELECT pg_catalog.set_config('search_path', '', false);", 'SELECT pg_catalog.set_config'],
    ['SELECT pg_catalog.setval(\'public."a(b"\', 9007199254740993, true);', 'SELECT pg_catalog.setval'],
    ["SELECT pg_catalog.lowrite(0, '\\x00');", 'SELECT pg_catalog.lowrite'],
    [
      "SELECT * FROM pg_catalog.pg_restore_attribute_stats('version', '180000'::integer, 'x', '{a,\")\"}'::text, 'f', '{0.5}'::real[]);",
      'SELECT pg_catalog.pg_restore_attribute_stats',
    ],
    ["SELECT pg_catalog.lo_unlink('16400');", 'SELECT pg_catalog.lo_unlink'],
    [
      "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE oid = '16400';",
      'SELECT pg_catalog.lo_unlink',
    ],
    ['CREATE SCHEMA "Shop";', 'CREATE SCHEMA "Shop"'],
    ['CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;', 'CREATE EXTENSION pg_trgm'],
    ["COMMENT ON EXTENSION pg_trgm IS 'x';", 'COMMENT ON EXTENSION pg_trgm'],
    ['CREATE UNLOGGED TABLE public."Part" (id int);', 'CREATE TABLE public."Part"'],
    ['CREATE OR REPLACE VIEW public.v AS SELECT 1;', 'CREATE VIEW public.v'],
    ['CREATE MATERIALIZED VIEW public.m AS SELECT 1 WITH NO DATA;', 'CREATE MATERIALIZED VIEW public.m'],
    [
      'CREATE TABLE public.g (a int, b int GENERATED ALWAYS AS (a + 1) STORED) USING heap;',
      'CREATE TABLE public.g',
    ],
    ['ALTER TABLE ONLY public.t ALTER COLUMN type SET STATISTICS 100;', 'ALTER TABLE public.t'],
    [
      'ALTER TABLE public.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START WITH 1);',
      'ALTER TABLE public.t',
    ],
    ['ALTER TABLE ONLY public.t ADD NOT NULL a;', 'ALTER TABLE public.t'],
    ["ALTER TYPE public.mood ADD VALUE 'x';", 'ALTER TYPE public.mood'],
    ['CREATE UNIQUE INDEX i ON public.t USING btree (a);', 'CREATE INDEX i'],
    [
      'CREATE CONSTRAINT TRIGGER t AFTER INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION f();',
      'CREATE TRIGGER t ON public.a',
    ],
    ["CREATE DEFAULT CONVERSION c FOR 'LATIN1' TO 'UTF8' FROM f;", 'CREATE CONVERSION c'],
    ['CREATE POLICY p ON public.t TO x;', 'CREATE POLICY p ON public.t'],
    ['CREATE TRUSTED PROCEDURAL LANGUAGE l;', 'CREATE LANGUAGE l'],
    ['CREATE OR REPLACE PROCEDURAL LANGUAGE l;', 'CREATE LANGUAGE l'],
    ['ALTER PROCEDURAL LANGUAGE l OWNER TO a;', 'ALTER LANGUAGE l'],
    ['DROP PROCEDURAL LANGUAGE IF EXISTS l;', 'DROP LANGUAGE l'],
    ['CREATE USER MAPPING FOR x SERVER s;', 'CREATE USER MAPPING'],
    ["CREATE TYPE public.mood AS ENUM ('a');", 'CREATE TYPE public.mood'],
    [
      'CREATE FUNCTION public.f(a int) RETURNS int LANGUAGE sql AS $$ DROP DATABASE x; $$;',
      'CREATE FUNCTION public.f',
    ],
    [
      'ALTER TABLE ONLY public."Part" ADD CONSTRAINT "Part_pkey" PRIMARY KEY (id);',
      'ALTER TABLE public."Part" ADD CONSTRAINT "Part_pkey"',
    ],
    ['ALTER TABLE public.t OWNER TO app;', 'ALTER TABLE public.t'],
    ['ALTER LARGE OBJECT 16400 OWNER TO app;', 'ALTER LARGE OBJECT'],
    [
      'ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA public GRANT SELECT ON TABLES TO b;',
      'ALTER DEFAULT PRIVILEGES',
    ],
    ['DROP SCHEMA IF EXISTS public;', 'DROP SCHEMA public'],
    ['GRANT SELECT(a),UPDATE(b) ON TABLE public.t TO app;', 'GRANT ON TABLE public.t'],
    ['REVOKE ALL ON SCHEMA public FROM PUBLIC;', 'REVOKE ON SCHEMA public'],
    [
      'GRANT ALL ON FUNCTION pg_catalog.pg_read_file(text) TO app;',
      'GRANT ON FUNCTION pg_catalog.pg_read_file',
    ],
    ["SECURITY LABEL FOR dummy ON COLUMN public.t.a IS 'x';", 'SECURITY LABEL ON COLUMN public.t.a'],
    ['REFRESH MATERIALIZED VIEW public.m;', 'REFRESH MATERIALIZED VIEW public.m'],
    ['RESET ALL;', 'RESET ALL'],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'secret' PUBLICATION p WITH (connect = false, slot_name = 's');",
      'CREATE SUBSCRIPTION s',
    ],
    ['ALTER SUBSCRIPTION s OWNER TO app;', 'ALTER SUBSCRIPTION s'],
    ["COMMENT ON SUBSCRIPTION s IS 'x';", 'COMMENT ON SUBSCRIPTION s'],
    ["COMMENT ON CONSTRAINT c ON DOMAIN public.d IS 'x';", 'COMMENT ON CONSTRAINT c ON public.d'],
    ['BEGIN;', 'BEGIN'],
    ['COMMIT;', 'COMMIT'],
  ])('%s', (sql, label) => {
    expect(judge(sql)).toMatchObject({ action: 'run', label });
  });

  test.each([
    ['COPY public."Part" (id, "na,me") FROM stdin;', 'COPY public."Part"', 'public.Part'],
    ['COPY public.t FROM stdin;', 'COPY public.t', 'public.t'],
    ['INSERT INTO public."P""q" VALUES (1, \'secret\');', 'INSERT INTO public."P""q"', 'public.P"q'],
    ['INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES (1);', 'INSERT INTO t', 't'],
  ])('%s', (sql, label, table) => {
    expect(judge(sql)).toEqual({ action: 'run', label, table });
  });
});

describe('what computes what it writes, or hides a table behind another name, is refused', () => {
  test.each([
    'INSERT INTO public.t SELECT 1, pg_terminate_backend(pid)::text FROM pg_stat_activity;',
    "INSERT INTO public.t VALUES (1, pg_read_file('x'));",
    'INSERT INTO public.t VALUES (1, "lo_export"(1, \'x\'));',
    'INSERT INTO public.t VALUES ((SELECT 1));',
    "INSERT INTO public.t VALUES (1, 'a' || f());",
    'INSERT INTO public.t VALUES (1) RETURNING f();',
    'INSERT INTO public.t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = f();',
    'INSERT INTO public.t AS x VALUES (1);',
    'INSERT INTO public.t TABLE pg_shadow;',
    'INSERT INTO public.t (a[1]) VALUES (1);',
    "CREATE TABLE public.t AS SELECT pg_read_file('x');",
    'CREATE UNLOGGED TABLE public.t (a) WITH (fillfactor = 70) AS SELECT f();',
    'CREATE TABLE IF NOT EXISTS public.t AS EXECUTE p;',
    'CREATE MATERIALIZED VIEW public.m AS SELECT pg_terminate_backend(1);',
    'CREATE MATERIALIZED VIEW public.m AS SELECT f() WITH DATA;',
    "ALTER TABLE public.t ALTER COLUMN a TYPE text USING pg_read_file('x');",
    'ALTER TABLE public.t ADD CONSTRAINT c CHECK (true), ALTER a SET DATA TYPE text USING f();',
    "ALTER TABLE public.t ADD COLUMN b text DEFAULT pg_read_file('x');",
    'ALTER TABLE ONLY public.t ADD b text DEFAULT f();',
    'ALTER TABLE public.t ADD "B" text DEFAULT f();',
    'ALTER FOREIGN TABLE public.f RENAME TO t;',
    'ALTER TABLE public.f RENAME TO t;',
    'ALTER VIEW public.v SET SCHEMA other;',
    'ALTER SCHEMA a RENAME TO b;',
    'CREATE SCHEMA a CREATE VIEW v AS SELECT 1;',
  ])('%s', (sql) => {
    expect(judge(sql)).toMatchObject({ action: 'refuse' });
  });

  test.each([
    "INSERT INTO public.t VALUES (1, -2.5e10, 5e-324, 1e+20, -0, 'x', E'\\\\x', B'101', NULL, true, false, DEFAULT);",
    "INSERT INTO public.t (a, \"B\") OVERRIDING SYSTEM VALUE VALUES (1, '2'),\n\t(+3, 'x');",
    'INSERT INTO public.t DEFAULT VALUES;',
    'INSERT INTO public.t VALUES (1) ON CONFLICT DO NOTHING;',
  ])('rows as pg_dump writes them: %s', (sql) => {
    expect(judge(sql)).toMatchObject({ action: 'run', table: 'public.t' });
  });
});

describe('what reaches beyond the database, hides code or changes the session’s role is refused', () => {
  test.each([
    ['ALTER SYSTEM SET a = 1;', 'ALTER SYSTEM SET', 'beyond'],
    ['ALTER ROLE x SET a = 1;', 'ALTER ROLE x', 'beyond'],
    ['ALTER DATABASE a.b SET a = 1;', 'ALTER DATABASE a', 'beyond'],
    [
      "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'x' OR true;",
      'UPDATE',
      'no such',
    ],
    ["UPDATE pg_catalog.pg_database SET datistemplate = true WHERE datname = 'x';", 'UPDATE', 'no such'],
    ['CREATE ROLE x SUPERUSER;', 'CREATE ROLE x', 'beyond'],
    ['CREATE USER x;', 'CREATE USER x', 'beyond'],
    ["CREATE TABLESPACE x LOCATION '/x';", 'CREATE TABLESPACE x', 'beyond'],
    ['DROP OWNED BY x;', 'DROP OWNED BY', 'beyond'],
    ["SECURITY LABEL ON ROLE x IS 'a';", 'SECURITY LABEL ON ROLE x', 'beyond'],
    ['GRANT admin TO me;', 'GRANT of a role', 'beyond'],
    ['REVOKE admin FROM me;', 'REVOKE of a role', 'beyond'],
    ['GRANT SET ON PARAMETER x TO y;', 'GRANT ON PARAMETER', 'beyond'],
    ["CREATE SUBSCRIPTION s CONNECTION 'secret' PUBLICATION p;", 'CREATE SUBSCRIPTION s', 'another server'],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'secret' PUBLICATION p WITH (slot_name = 'connect = false');",
      'CREATE SUBSCRIPTION s',
      'another server',
    ],
    ['ALTER SUBSCRIPTION s ENABLE;', 'ALTER SUBSCRIPTION s', 'another server'],
    ["ALTER SUBSCRIPTION s CONNECTION 'secret';", 'ALTER SUBSCRIPTION s', 'another server'],
    ['DROP SUBSCRIPTION IF EXISTS s;', 'DROP SUBSCRIPTION s', 'another server'],
    ['SET SESSION AUTHORIZATION a, b;', 'SET SESSION AUTHORIZATION', 'no such statement'],
    ['IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c;', 'IMPORT', 'another server'],
    ["COPY t FROM '/etc/passwd';", 'COPY t', 'file'],
    ["COPY t FROM PROGRAM 'id';", 'COPY t', 'program'],
    ["COPY t TO '/tmp/x';", 'COPY t', 'file'],
    ['COPY t TO STDOUT;', 'COPY t', 'connection'],
    ["COPY (SELECT 1) TO PROGRAM 'id';", 'COPY ', 'name'],
    ['COPY t FROM stdin WITH (FORMAT csv);', 'COPY t', 'without options'],
    ['COPY pg_catalog.pg_authid FROM stdin;', 'COPY pg_catalog.pg_authid', 'catalogue'],
    ['INSERT INTO pg_authid VALUES (1);', 'INSERT INTO pg_authid', 'catalogue'],
    ['INSERT INTO "pg_catalog"."pg_authid" VALUES (1);', 'INSERT INTO "pg_catalog"."pg_authid"', 'catalogue'],
    [
      String.raw`INSERT INTO U&"pg\005fauthid" VALUES (1);`,
      String.raw`INSERT INTO U&"pg\005fauthid"`,
      'name',
    ],
    ['TRUNCATE pg_class;', 'TRUNCATE pg_class', 'catalogue'],
    ['SET ROLE postgres;', 'SET of the session’s role', 'its own role'],
    ['SET LOCAL ROLE postgres;', 'SET role', 'no such statement'],
    ["SET role = 'postgres';", 'SET of the session’s role', 'its own role'],
    ["SET session_authorization = 'postgres';", 'SET session_authorization', 'setting'],
    ['RESET search_path;', 'RESET', 'no such statement'],
    ['SET LOCAL standard_conforming_strings = off;', 'SET standard_conforming_strings', 'on or off'],
    ['SET standard_conforming_strings = DEFAULT;', 'SET standard_conforming_strings', 'on or off'],
    ["SET dynamic_library_path = '/tmp';", 'SET dynamic_library_path', 'setting'],
    ["SET my.secret = 'x';", 'SET', 'setting'],
    [
      "SELECT pg_catalog.set_config('role', 'postgres', false);",
      'SELECT pg_catalog.set_config',
      'search_path',
    ],
    ["SELECT set_config('search_path', '', false);", 'SELECT', 'functions'],
    ["SELECT pg_catalog.pg_read_file('/etc/passwd');", 'SELECT', 'functions'],
    [
      'SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata;',
      'SELECT pg_catalog.lo_unlink',
      'constants',
    ],
    ["SELECT pg_catalog.setval('a', (SELECT 1));", 'SELECT pg_catalog.setval', 'constants'],
    ["SELECT pg_catalog.setval('a', 1), evil();", 'SELECT pg_catalog.setval', 'constants'],
    ["SELECT pg_catalog.setval('a', 1::public.evil);", 'SELECT pg_catalog.setval', 'constants'],
    ['DO $$ BEGIN END $$;', 'DO', 'cannot be checked'],
    ['CALL p();', 'CALL', 'cannot be checked'],
    ["LOAD '/tmp/x.so';", 'LOAD', 'library'],
    ['ROLLBACK;', 'ROLLBACK', 'break out'],
    ['COMMIT AND CHAIN;', 'COMMIT', 'break out'],
    ['BEGIN ISOLATION LEVEL SERIALIZABLE;', 'BEGIN', 'break out'],
    ["PREPARE TRANSACTION 'x';", 'PREPARE', 'break out'],
    ["COMMIT PREPARED 'x';", 'COMMIT', 'break out'],
    ['SAVEPOINT a;', 'SAVEPOINT', 'break out'],
    ['UPDATE t SET a = 1;', 'UPDATE', 'no such statement'],
    ['WITH a AS (SELECT 1) SELECT 2;', 'WITH', 'no such statement'],
    ['CREATE TEMP TABLE x (a int);', 'CREATE TEMP', 'no such statement'],
    ['(SELECT 1);', 'a statement', 'no such statement'],
    ['constructor;', 'CONSTRUCTOR', 'no such statement'],
  ])('%s', (sql, label, reason) => {
    const judgement = judge(sql);
    expect(judgement).toMatchObject({ action: 'refuse', label });
    expect(judgement).toHaveProperty('reason', expect.stringContaining(reason));
    expect(JSON.stringify(judgement)).not.toContain('secret');
  });
});

describe('owners and privileges may be left out', () => {
  test.each([
    ['ALTER FUNCTION public.f(integer) OWNER TO "Some One";', 'owners', 'ALTER … OWNER TO'],
    ["COMMENT ON EXTENSION plpgsql IS 'x';", 'owners', 'COMMENT ON EXTENSION'],
    ['GRANT ALL ON TABLE public.t TO app;', 'privileges', 'GRANT and REVOKE'],
    ['REVOKE ALL ON SCHEMA public FROM PUBLIC;', 'privileges', 'GRANT and REVOKE'],
    [
      'ALTER DEFAULT PRIVILEGES FOR ROLE a GRANT SELECT ON TABLES TO b;',
      'privileges',
      'ALTER DEFAULT PRIVILEGES',
    ],
  ] as const)('%s', (sql, option, kind) => {
    expect(judge(sql).action).toBe('run');
    expect(judge(sql, { [option]: true }).action).toBe('run');
    expect(judge(sql, { [option]: false })).toMatchObject({ action: 'skip', kind });
  });

  test('the role of the session changes with SET ROLE, unless owners are left out', () => {
    const change = judge(`SET SESSION AUTHORIZATION 'a''b';`);
    expect(change).toMatchObject({ action: 'run', label: `SET SESSION AUTHORIZATION 'a''b'` });
    expect(change.instead?.toString()).toBe(`SET ROLE 'a''b';`);
    for (const sql of ['RESET SESSION AUTHORIZATION;', 'SET SESSION AUTHORIZATION DEFAULT;']) {
      expect(judge(sql).instead?.toString()).toBe('RESET ROLE;');
    }
    expect(judge('SET SESSION AUTHORIZATION app;', { owners: false })).toMatchObject({
      action: 'skip',
      kind: 'SET SESSION AUTHORIZATION',
    });
    expect(judge('SET ROLE app;', { owners: false, privileges: false }).action).toBe('skip');
  });

  test('statements about the database itself are left out, and say which it is', () => {
    for (const [sql, verb] of [
      ['CREATE DATABASE "x y" WITH TEMPLATE = template0;', 'CREATE DATABASE'],
      ['DROP DATABASE IF EXISTS "x y";', 'DROP DATABASE'],
      ['ALTER DATABASE "x y" SET a = 1;', 'ALTER DATABASE'],
      ['ALTER ROLE r IN DATABASE "x y" SET a = 1;', 'ALTER ROLE r IN DATABASE'],
      [`COMMENT ON DATABASE "x y" IS 'secret';`, 'COMMENT ON DATABASE'],
      ['GRANT CONNECT ON DATABASE "x y" TO z;', 'GRANT ON DATABASE'],
      ["UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'x y';", 'UPDATE'],
    ] as const) {
      expect(judge(sql)).toMatchObject({ action: 'skip', database: { verb, name: 'x y' } });
    }
  });

  test('settings and grants go to another database where one is given, whatever its name', () => {
    const options: ForeignOptions = { settingsFor: 'Zürich"s \\ load' };
    const name = String.raw`U&"Z\+0000fcrich""s \+00005c load"`;
    for (const [sql, expected] of [
      [
        `ALTER DATABASE "x y" SET search_path TO 'x y', b;`,
        `ALTER DATABASE ${name} SET search_path TO 'x y', b;`,
      ],
      ['ALTER ROLE r IN DATABASE x SET a = 1;', `ALTER ROLE r IN DATABASE ${name} SET a = 1;`],
      ['GRANT CONNECT ON DATABASE x TO x;', `GRANT CONNECT ON DATABASE ${name} TO x;`],
      ['REVOKE ALL ON DATABASE x FROM PUBLIC;', `REVOKE ALL ON DATABASE ${name} FROM PUBLIC;`],
    ] as const) {
      const judgement = judge(sql, options);
      expect(judgement.action, sql).toBe('run');
      expect(judgement.instead?.toString()).toBe(expected);
      expect(judgement.database).toBeDefined();
    }
    for (const sql of [
      'CREATE DATABASE x;',
      'ALTER DATABASE x OWNER TO y;',
      'ALTER DATABASE x IS_TEMPLATE = true;',
      'ALTER DATABASE x CONNECTION LIMIT = 1;',
      "COMMENT ON DATABASE x IS 'y';",
    ]) {
      expect(judge(sql, options).action, sql).toBe('skip');
    }
    expect(judge('GRANT CONNECT ON DATABASE x TO y;', { ...options, privileges: false }).action).toBe('skip');
  });

  test('other statements stay, and refused ones stay refused', () => {
    const none: ForeignOptions = { owners: false, privileges: false };
    expect(judge('ALTER TABLE t ALTER COLUMN owner SET STATISTICS 1;', none).action).toBe('run');
    expect(judge('ALTER TABLE t ADD CONSTRAINT owner CHECK (owner > to);', none).action).toBe('run');
    expect(judge("COMMENT ON TABLE t IS 'x';", none).action).toBe('run');
    expect(judge('GRANT a TO b;', none).action).toBe('refuse');
    expect(judge('ALTER TABLESPACE x OWNER TO b;', none).action).toBe('refuse');
  });
});

test('timeouts stay ours', () => {
  for (const name of ['statement_timeout', 'lock_timeout', 'transaction_timeout']) {
    expect(judge(`SET ${name} = 0;`)).toMatchObject({ action: 'skip', kind: null });
  }
});

describe('a counter that some servers keep among the options of a column', () => {
  const alter = 'ALTER TABLE ONLY public."T" ALTER COLUMN "pg_attver" SET ';

  test('is left out, alone or among others', () => {
    expect(judge(`${alter}(pg_attver=762082832);`)).toMatchObject({ action: 'skip', kind: null });
    const instead = (sql: string): string | undefined => judge(alter + sql).instead?.toString();
    expect(instead('(pg_attver=1, n_distinct=-0.5);')).toBe(`${alter}( n_distinct=-0.5);`);
    expect(instead('(n_distinct=-1e-05, pg_attver=1);')).toBe(`${alter}(n_distinct=-1e-05);`);
    expect(instead('(n_distinct=1,pg_attver=1,n_distinct_inherited=2);')).toBe(
      `${alter}(n_distinct=1,n_distinct_inherited=2);`,
    );
  });

  test('is not seen in what only looks like it', () => {
    for (const rest of ['(n_distinct=1);', "DEFAULT 'SET (pg_attver=1)';"]) {
      const judgement = judge(alter + rest);
      expect([judgement.action, judgement.instead]).toEqual(['run', undefined]);
    }
  });
});
