import { describe, expect, test } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import { inspectForeignDump } from './inspect.ts';
import type { ForeignInspection } from './inspect.ts';

async function* once(text: string): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield Buffer.from(text);
}

const inspect = (text: string): Promise<ForeignInspection> => inspectForeignDump(once(text));

async function faultOf(text: string): Promise<SyncError> {
  const thrown: unknown = await inspect(text).then(
    () => new Error(`No fault was found in: ${text}`),
    (error: unknown) => error,
  );
  if (thrown instanceof SyncError) return thrown;
  throw thrown;
}

const begin = '--\n-- PostgreSQL database dump\n--\n';
const end = '--\n-- PostgreSQL database dump complete\n--\n';
const entry = '--\n-- Name: x; Type: X; Schema: -; Owner: -\n--\n';
const table = 'CREATE TABLE public.t (a integer);\n';
const rows = 'COPY public.t (a) FROM stdin;\n1\n\\.\n';
const key = 'ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (a);\n';

describe('--create', () => {
  const odd = `"My DB's \\ ""x"`;
  const oddConnect = String.raw`\connect -reuse-previous=on "dbname='My DB\'s \\ ""x'"`;
  const about = (name: string): string =>
    `ALTER DATABASE ${name} SET search_path TO 'a', 'b';\nALTER ROLE app IN DATABASE ${name} SET work_mem TO '1MB';\n`;
  const file = (name: string, connect: string): string =>
    `${begin}\\restrict k\nSET row_security = off;\nUPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = '${name.replaceAll(/^"|"$/g, '').replaceAll('""', '"').replaceAll("'", "''")}';\n` +
    `DROP DATABASE IF EXISTS ${name};\n${entry}CREATE DATABASE ${name} WITH TEMPLATE = template0;\n\\unrestrict k\n${connect}\n\\restrict k\n${about(name)}` +
    `\\unrestrict k\n${connect}\n\\restrict k\n${table}${rows}${key}GRANT CONNECT ON DATABASE ${name} TO app;\n${end}\\unrestrict k\n`;

  test.each([
    ['app', '\\connect app'],
    ['"App"', '\\connect "App"'],
    [odd, `\\encoding SQL_ASCII\n${oddConnect}`],
  ])('%s: what is about the database itself is left out', async (name, connect) => {
    expect(await inspect(file(name, connect))).toEqual({
      statements: 4,
      tables: 1,
      rows: 1,
      bytes: expect.any(Number) as number,
      skipped: { 'statements about the database itself': 6 },
      notes: [],
      writerMajor: null,
      long: new Map(),
    });
    expect((await inspect(file(name, connect).replaceAll('\n', '\r\n'))).statements).toBe(4);
  });

  test('another database than the file’s own is refused, wherever it stands', async () => {
    const good = file('app', '\\connect app');
    for (const [from, to, fact] of [
      ['DROP DATABASE IF EXISTS app', 'DROP DATABASE IF EXISTS other', 'DROP DATABASE other'],
      ['CREATE DATABASE app', 'CREATE DATABASE other', 'CREATE DATABASE other'],
      ['ALTER DATABASE app', 'ALTER DATABASE other', 'ALTER DATABASE other'],
      ['IN DATABASE app', 'IN DATABASE other', 'ALTER ROLE app IN DATABASE other'],
      ['ON DATABASE app', 'ON DATABASE other', 'GRANT ON DATABASE other'],
      ['CREATE DATABASE app WITH TEMPLATE = template0;', '', 'connect is not accepted'],
      ['\\connect app', '\\connect other', 'connect is not accepted'],
      ['\\connect app', '\\connect app app localhost', 'connect is not accepted'],
      ['\\connect app', "\\connect -reuse-previous=on \"dbname='app' host='x'\"", 'connect is not accepted'],
      ['\\connect app', '\\connect APP', 'connect is not accepted'],
      ['\\connect app', '\\connect "app""', 'connect is not accepted'],
      ['\\connect app', '\\connect `app`', 'connect is not accepted'],
      ['\\unrestrict k\n\\connect app', '\\connect app', 'connect is not accepted'],
      ['\\connect app', '\\encoding SJIS\n\\connect app', 'encoding is not accepted'],
      [`${entry}CREATE`, `${table}${entry}CREATE`, 'not connected yet'],
      [key, `${key}CREATE DATABASE app;\n`, 'CREATE DATABASE app'],
    ] as const) {
      expect(good, from).toContain(from);
      const error = await faultOf(good.replace(from, to));
      expect(error.code).toBe('STORAGE_DUMP_FOREIGN');
      expect([error.message, ...((error.details['faults'] ?? []) as string[])].join('\n'), to).toContain(
        fact,
      );
    }
  });

  test('cut anywhere it is found out', { timeout: 30_000 }, async () => {
    const whole = file('app', '\\connect app').trimEnd();
    for (let length = 0; length < whole.length; length += 1) {
      // The key of the last \unrestrict has one letter, so each cut lacks something.
      expect(['STORAGE_DUMP_INCOMPLETE', 'STORAGE_DUMP_FOREIGN']).toContain(
        (await faultOf(whole.slice(0, length))).code,
      );
    }
  });

  test('a file that speaks of a database and does not make it is refused', async () => {
    for (const text of [
      `SET row_security = off;\nDROP DATABASE postgres;\n`,
      `${table}DROP DATABASE postgres;\n`,
      `CREATE DATABASE app;\n`,
      `ALTER DATABASE postgres SET work_mem = '1GB';\n${table}`,
    ]) {
      expect((await faultOf(text)).code, text).toBe('STORAGE_DUMP_FOREIGN');
    }
  });
});

describe('--clean', () => {
  test('what makes room is passed over: a new database has nothing to drop', async () => {
    const clears = [
      'DROP POLICY p ON public.t;',
      'CREATE OR REPLACE VIEW public.v AS\nSELECT\n    NULL::integer AS a;',
      'ALTER TABLE ONLY public.t DROP CONSTRAINT t_pkey;',
      'ALTER TABLE IF EXISTS public.t ALTER COLUMN a DROP DEFAULT;',
      "SELECT pg_catalog.lo_unlink('16400');",
      'DROP SUBSCRIPTION s;',
      'DROP PROCEDURAL LANGUAGE l;',
      'DROP TABLE public.t;',
    ].join('\n');
    const rest = `${entry}${table}${rows}${key}${end}`;
    const seen = await inspect(`${begin}SET row_security = off;\n${clears}\nDROP SCHEMA public;\n${rest}`);
    // The schema public is dropped in fact: it would keep privileges that the file does not give.
    expect(seen).toMatchObject({ statements: 5, skipped: {} });
    // Elsewhere, and in files of others, a DROP means what it says.
    expect(await inspect(`${table}DROP TABLE public.t;\n`)).toMatchObject({ statements: 2 });
    expect((await faultOf(`${begin}${entry}DROP SUBSCRIPTION s;\n${end}`)).message).toContain(
      'another server',
    );
    expect((await faultOf(`${begin}DROP ROLE r;\n${rest}`)).message).toContain('DROP ROLE r is not accepted');
  });
});

describe('a part of a dump', () => {
  test.each([
    ['--data-only', rows, '--data-only'],
    ['--data-only of sequences', "SELECT pg_catalog.setval('public.s', 1, true);\n", '--data-only'],
    [
      '--data-only --disable-triggers',
      `SET SESSION AUTHORIZATION DEFAULT;\nALTER TABLE public.t DISABLE TRIGGER ALL;\n${rows}ALTER TABLE public.t ENABLE TRIGGER ALL;\n`,
      '--data-only',
    ],
    [
      '--statistics-only',
      "SELECT * FROM pg_catalog.pg_restore_relation_stats('version', '180006'::integer, 'schemaname', 'public', 'relname', 't');\n",
      '--statistics-only',
    ],
    ['--section=pre-data', table, '--section=pre-data'],
    ['--section=post-data', key, '--section=post-data'],
    [
      '--section=post-data of an index',
      'CREATE INDEX i ON public.t USING btree (a);\n',
      '--section=post-data',
    ],
  ])('%s is refused', async (_name, text, options) => {
    const error = await faultOf(`${begin}SET row_security = off;\n${text}${end}`);
    expect(error.code).toBe('STORAGE_DUMP_INCOMPLETE');
    expect(error.message).toContain(options);
  });

  test('--schema-only is taken, and said so', async () => {
    expect((await inspect(begin + table + key + end)).notes).toEqual([
      expect.stringContaining('--schema-only'),
    ]);
    expect((await inspect(begin + table + rows + end)).notes).toEqual([
      expect.stringContaining('--section=post-data'),
    ]);
    expect((await inspect(begin + table + rows + key + end)).notes).toEqual([]);
  });

  test('a database without tables is whole', async () => {
    for (const text of [
      "SELECT pg_catalog.lo_create('16400');\n",
      'CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS $$$$;\n',
      'CREATE EXTENSION postgis;\nCOPY public.spatial_ref_sys (srid) FROM stdin;\n1\n\\.\n',
    ]) {
      expect((await inspect(begin + text + end)).notes).toEqual([]);
    }
  });
});

test('the program that wrote the file is told from its head', async () => {
  const head = '-- Dumped from database version 13.22\n-- Dumped by pg_dump version 14.19 (Debian 14.19-1)\n';
  expect((await inspect(begin + head + table + rows + key + end)).writerMajor).toBe(14);
  expect((await inspect(begin + table + rows + key + end)).writerMajor).toBeNull();
});

test('rows for a foreign table would go to another server', async () => {
  const foreign = 'CREATE FOREIGN TABLE public."F t" (a integer) SERVER s;\n';
  for (const text of [
    'COPY public."F t" (a) FROM stdin;\n1\n\\.\n',
    'INSERT INTO public."F t" VALUES (1);\n',
  ]) {
    const error = await faultOf(begin + table + foreign + text + key + end);
    expect(error.code).toBe('STORAGE_DUMP_FOREIGN');
    expect(error.message).toContain('another server');
  }
});
