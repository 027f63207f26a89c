import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { Database } from '../../src/postgres/database.ts';
import { inspectForeignDump } from '../../src/plain-dump/inspect.ts';
import { runForeignDump } from '../../src/sync/foreign/run-foreign-dump.ts';
import type { ForeignResult, RunForeignOptions } from '../../src/sync/foreign/run-foreign-dump.ts';
import { psql } from '../support/client-tools.ts';
import { failure } from '../harness/failure.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { bytesOf, dumped, withSession } from './run.ts';

const report = { itemAdvanced: (): void => {}, itemDone: (): void => {} };

const restore = (
  url: string,
  dump: string | Buffer,
  options: Partial<RunForeignOptions> = {},
): Promise<ForeignResult> =>
  withSession(url, (session) =>
    runForeignDump(session, bytesOf(dump), { signal: new AbortController().signal, report, ...options }),
  );

const refusal = (...args: Parameters<typeof restore>): Promise<SyncError> => failure(restore(...args));

describe.skipIf(lacks('client-tools'))('what pg_dump writes', () => {
  let source: TestDatabase;

  beforeAll(async () => {
    const first = await testDatabase('first');
    await first.query(await readFile(new URL('./source-database.sql', import.meta.url), 'utf8'));
    // What one restore changes (deparsed expressions) it changes once: from here on dumps are a fixed point.
    source = await testDatabase('source');
    const { code, stderr } = await psql(source.url, ['--quiet'], { input: await dumped(first.url) });
    if (code !== 0) throw new Error(stderr);
  });

  test.each([
    ['COPY', []],
    ['INSERT', ['--inserts']],
    ['INSERT with columns and many rows', ['--column-inserts', '--rows-per-insert=7']],
    ['--clean', ['--clean', '--if-exists']],
    ['no owners, no privileges', ['--no-owner', '--no-privileges']],
    ['all names quoted', ['--quote-all-identifiers']],
    ['with statistics', ['--statistics']],
  ])('%s: restored as psql restores it', async (_name, args) => {
    const dump = await dumped(source.url, args);
    const [ours, theirs] = await Promise.all([testDatabase('ours'), testDatabase('psql')]);
    const seen = await inspectForeignDump(bytesOf(dump));
    const result = await restore(ours.url, dump);
    const { code, stderr } = await psql(theirs.url, ['--quiet'], { input: dump });
    expect(code, stderr).toBe(0);
    const [restored, expected] = await Promise.all([dumped(ours.url), dumped(theirs.url)]);
    expect(restored).toBe(expected);
    const [counted] = await ours.query<{ rows: string }>(
      `SELECT (SELECT count(*) FROM public."Part") + (SELECT count(*) FROM public.no_columns) + (SELECT count(*) FROM public.one_text)
         + (SELECT count(*) FROM public.parted) + (SELECT count(*) FROM "Shop;'s"."a ""b"" $c$") AS rows`,
    );
    expect(result.rows).toBe(Number(counted?.rows));
    if (args.length === 0) expect(seen).toMatchObject({ rows: result.rows, tables: 5 });
    expect(result.statements).toBe(seen.statements);
    expect(result.skipped).toEqual({});
    expect(restored).toContain(await valuesOf(source));
  });

  /** A part of the source's own dump, so that two equally empty databases don't count as equal. */
  async function valuesOf(database: TestDatabase): Promise<string> {
    const dump = await dumped(database.url, ['--data-only', '--table=public.one_text']);
    return dump.slice(dump.indexOf('COPY'), dump.indexOf('\\.\n'));
  }

  test('gzip, one transaction, CRLF, standard_conforming_strings = off', async () => {
    const expected = await dumped(source.url);
    const old = await testDatabase('old');
    await old.query(`ALTER DATABASE "${old.name}" SET standard_conforming_strings = off`);
    await old.query(
      String.raw`CREATE TABLE t (v text DEFAULT E'\\;'''); INSERT INTO t VALUES (E'\\'), (E'a\nb''')`,
    );

    const viaGzip = await testDatabase('gzip');
    await restore(viaGzip.url, gzipSync(expected));
    expect(await dumped(viaGzip.url)).toBe(expected);

    const inOne = await testDatabase('one');
    await withSession(inOne.url, async (session) => {
      await session.execute('BEGIN');
      await runForeignDump(session, bytesOf(expected), {
        signal: new AbortController().signal,
        report,
        inTransaction: true,
      });
      expect(await inOne.query("SELECT 1 FROM pg_class WHERE relname = 'Part'")).toEqual([]);
      await session.execute('COMMIT');
    });
    expect(await dumped(inOne.url)).toBe(expected);

    const simple = await testDatabase('simple');
    await simple.query(`CREATE TABLE t (v text); INSERT INTO t VALUES ('a'), (NULL), (E'x\\r\\ny')`);
    const crlf = await testDatabase('crlf');
    await restore(crlf.url, (await dumped(simple.url)).replaceAll('\n', '\r\n'));
    expect(await dumped(crlf.url)).toBe(await dumped(simple.url));

    for (const args of [[], ['--inserts']]) {
      const quoted = await testDatabase('quoted');
      const dump = await dumped(old.url, args);
      expect(dump).toContain('standard_conforming_strings = off');
      await restore(quoted.url, dump);
      expect(await quoted.query('SELECT v FROM t')).toEqual([{ v: '\\' }, { v: "a\nb'" }]);
    }
  });

  test('dumps in another encoding: converted by the server, or refused where names could not be sent', async () => {
    const inLatin1 = await testDatabase('latin');
    await inLatin1.query(
      `CREATE TABLE t (v text DEFAULT 'ü'); COMMENT ON TABLE t IS 'ö€'; INSERT INTO t VALUES ('é;')`,
    );
    const expected = await dumped(inLatin1.url);
    for (const args of [[], ['--inserts']]) {
      const restored = await testDatabase('restored');
      const dump = Buffer.from(
        (await dumped(inLatin1.url, args)).replace("'UTF8'", "'LATIN9'").replace('€', '\u00A4'),
        'latin1',
      );
      await restore(restored.url, dump);
      expect(await dumped(restored.url)).toBe(expected);
    }
    const wrong = Buffer.from(expected.replace('é', '\u0081'), 'latin1');
    const target = await testDatabase('wrong');
    expect((await refusal(target.url, wrong)).code).toBe('STORAGE_DUMP_ENCODING');
    const asciiLie = Buffer.from(
      "SET client_encoding = 'EUC_JP';CREATE TABLE t (v text);COPY t FROM stdin;\n\u00FF\u00FF\n\\.\n",
      'latin1',
    );
    const lie = await refusal((await testDatabase('lie')).url, asciiLie);
    expect(lie.code).toBe('STORAGE_DUMP_ENCODING');
    expect(lie.message).toContain('Line 1, COPY t');
  });

  test('a function called begin, at which psql itself stumbles', async () => {
    const [from, target, other] = await Promise.all([
      testDatabase('begin'),
      testDatabase('ours'),
      testDatabase('psql'),
    ]);
    await from.query(`CREATE FUNCTION begin(begin int) RETURNS int LANGUAGE sql AS 'SELECT 1;'`);
    await from.query('CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
    const dump = await dumped(from.url);
    await restore(target.url, dump);
    expect(await dumped(target.url)).toBe(dump);
    expect((await psql(other.url, ['--quiet'], { input: dump })).code).not.toBe(0);
  });

  test('owners and privileges are left out on request, and counted', async () => {
    const target = await testDatabase('plain');
    const role = await testRole();
    const dump = (await dumped(source.url))
      .replaceAll(/OWNER TO \w+/g, `OWNER TO "no one"`)
      .replaceAll('TO PUBLIC', 'TO "no one"');
    const error = await refusal((await testDatabase('roles')).url, dump);
    expect(error.code).toBe('TARGET_ROLE_MISSING');
    expect(error.message).toMatch(/^Line \d+, ALTER .*: role "no one" does not exist\.$/);
    const { skipped } = await restore(target.url, dump, { owners: false, privileges: false });
    expect(skipped).toMatchObject({ 'COMMENT ON EXTENSION': 1, 'ALTER DEFAULT PRIVILEGES': 1 });
    expect(skipped['ALTER … OWNER TO']).toBeGreaterThan(10);
    expect(skipped['GRANT and REVOKE']).toBeGreaterThan(1);
    const [owner] = await target.query(
      `SELECT pg_get_userbyid(relowner) AS name FROM pg_class WHERE relname = 'Part'`,
    );
    expect(owner).not.toEqual({ name: role.name });
  });

  test('an ordinary role: what it may not do is named', async () => {
    const role = await testRole();
    const target = await testDatabase('ordinary');
    await target.query(`ALTER DATABASE "${target.name}" OWNER TO "${role.name}"`);
    const url = new URL(target.url);
    url.username = role.name;
    url.password = role.password;
    const error = await refusal(url.href, await dumped(source.url));
    expect(error.code).toBe('TARGET_PRIVILEGE');
    expect(error.message).toMatch(/^Line \d+, ALTER SCHEMA "Shop;'s": /);
    await target.query(`ALTER DATABASE "${target.name}" OWNER TO CURRENT_USER`);
  });
});

describe('a run that fails or is stopped', () => {
  const rows = Array.from({ length: 2000 }, (_, n) => `${n}\tDROP TABLE kept;`).join('\n');

  test('rows of a failed COPY are never read as SQL, and the error holds none of them', async () => {
    const target = await testDatabase('copy');
    await target.query('CREATE TABLE kept (a int)');
    const dump = `CREATE TABLE t (a int, b text);\nCOPY t (a, b) FROM stdin;\nsecret\tx\n${rows}\n\\.\nCREATE TABLE later (a int);\n`;
    const error = await refusal(target.url, dump);
    expect(error.code).toBe('TARGET_COPY_FAILED');
    expect(error.message).toBe('Line 2, COPY t: a value is not valid for its type (SQLSTATE 22P02).');
    expect(JSON.stringify([error.message, error.details, error.hint])).not.toContain('secret');
    const tables = await target.query('SELECT relname FROM pg_class WHERE relnamespace = 2200 ORDER BY 1');
    expect(tables).toEqual([{ relname: 'kept' }, { relname: 't' }]);
    const missing = await refusal(target.url, `COPY none FROM stdin;\nDROP TABLE kept;\n\\.\n`);
    expect(missing.message).toBe('Line 1, COPY none: a relation does not exist (SQLSTATE 42P01).');
    expect(await target.query('SELECT * FROM kept')).toEqual([]);
  });

  test('errors name line and statement, never a value', async () => {
    const { url } = await testDatabase('errors');
    const messages = await Promise.all(
      [
        "\n\nINSERT INTO t VALUES ('secret');",
        "CREATE TABLE u (a int);\nINSERT INTO u VALUES ('secret');",
        'CREATE TABLE w (a int);\nINSERT INTO w VALUES (1 secret);',
        "SELECT pg_catalog.setval('secret' 'secret', 1 2);",
        'CREATE EXTENSION no_such_thing;',
        'CREATE TABLE x (a int UNIQUE);\nINSERT INTO x VALUES (1);\nINSERT INTO x VALUES (1);',
      ].map(async (sql) => {
        const error = await refusal(url, sql);
        return `${error.code} ${error.message}`;
      }),
    );
    expect(messages).toEqual([
      'TARGET_STATEMENT_FAILED Line 3, INSERT INTO t: relation "t" does not exist (SQLSTATE 42P01).',
      'TARGET_STATEMENT_FAILED Line 2, INSERT INTO u: a value is not valid for its type (SQLSTATE 22P02).',
      'STORAGE_DUMP_FOREIGN Line 2: INSERT INTO w is not accepted: it computes what it writes; dumps write constants.',
      'TARGET_STATEMENT_FAILED Line 1, SELECT pg_catalog.setval: the server cannot read it (SQLSTATE 42601).',
      'TARGET_EXTENSION_MISSING Line 1, CREATE EXTENSION no_such_thing: the target server does not have it.',
      'TARGET_STATEMENT_FAILED Line 3, INSERT INTO x: a duplicate key at constraint "x_a_key", table "public.x" (SQLSTATE 23505).',
    ]);
  });

  test('a refused statement stops the run where it stands', async () => {
    const target = await testDatabase('refused');
    const error = await refusal(
      target.url,
      'CREATE TABLE a (b int);\nDROP DATABASE postgres;\nCREATE TABLE c (d int);',
    );
    expect(error.code).toBe('STORAGE_DUMP_FOREIGN');
    expect(error.message).toBe(
      'Line 2: DROP DATABASE postgres is not accepted: it is not about the database that the file itself creates and connects to.',
    );
    expect(await target.query("SELECT relname FROM pg_class WHERE relname IN ('a', 'c')")).toEqual([
      { relname: 'a' },
    ]);
  });

  test('an abort in the middle of a COPY leaves none of its rows', async () => {
    const target = await testDatabase('abort');
    const stop = new AbortController();
    const reason = new SyncError('CANCELLED', 'test');
    let bytes = 0;
    const dump = `CREATE TABLE t (a int, b text);\nCOPY t FROM stdin;\n${rows}\n\\.\n`;
    const running = restore(target.url, dump, {
      signal: stop.signal,
      report: {
        ...report,
        itemAdvanced: (name, _rows, more) => {
          expect(name).toBe('t');
          bytes += more;
          if (bytes > 20_000) stop.abort(reason);
        },
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(await target.query('SELECT count(*)::int AS n FROM t')).toEqual([{ n: 0 }]);
  });

  test('progress counts every row and byte once', async () => {
    const { url } = await testDatabase('progress');
    const seen: Record<string, { rows: number; bytes: number }> = {};
    const done: string[] = [];
    const insert = 'INSERT INTO u VALUES (1), (2);';
    await restore(
      url,
      `CREATE TABLE t (a int, b text);CREATE TABLE u (a int);COPY t FROM stdin;\n${rows}\n\\.\n${insert}${insert}`,
      {
        report: {
          itemAdvanced: (name, more, bytes) => {
            const item = (seen[name] ??= { rows: 0, bytes: 0 });
            item.rows += more;
            item.bytes += bytes;
          },
          itemDone: (name) => done.push(name),
        },
      },
    );
    expect(seen).toEqual({
      t: { rows: 2000, bytes: rows.length + 1 },
      u: { rows: 4, bytes: 2 * insert.length },
    });
    expect(done).toEqual(['t', 'u']);
  });
});

test('RESET ALL leaves strings and encoding readable', async () => {
  const target = await testDatabase('reset');
  await target.query(`ALTER DATABASE "${target.name}" SET standard_conforming_strings = off`);
  const dump = String.raw`SET client_encoding = 'LATIN1';SET standard_conforming_strings = off;
CREATE TABLE t (v text);INSERT INTO t VALUES ('\\;''');RESET ALL;INSERT INTO t VALUES ('ü\'), (';');`;
  await restore(target.url, dump);
  expect(await target.query('SELECT v FROM t')).toEqual([{ v: "\\;'" }, { v: 'ü\\' }, { v: ';' }]);
});

describe('the session', () => {
  test('takes one statement at a time, and outlives a COPY nobody has rows for', async () => {
    const { url } = await testDatabase('session');
    await withSession(url, async (session) => {
      expect(await session.executeBytes(Buffer.from('CREATE TABLE public.t (a text);'))).toBe('CREATE TABLE');
      expect(
        await session
          .executeBytes(Buffer.from("INSERT INTO public.t VALUES ('ü'), ('b') RETURNING a;"))
          .catch(String),
      ).toBe('INSERT 0 2');
      await expect(session.executeBytes(Buffer.from('SELECT 1; SELECT 2;'))).rejects.toThrow(
        'multiple commands',
      );
      await expect(session.executeBytes(Buffer.from('COPY public.t FROM stdin;'))).rejects.toThrow(
        'no rows were expected',
      );
      expect(await session.executeBytes(Buffer.from(' -- nothing'))).toBeNull();
      expect(await session.query('SELECT a FROM public.t')).toEqual([{ a: 'ü' }, { a: 'b' }]);
    });
  });

  test('is closed after a run, since the dump’s settings are on it', async () => {
    const { url } = await testDatabase('closed');
    await using database = new Database({
      url: parseDatabaseUrl('TEST_URL', url),
      side: 'target',
      access: 'write',
      applicationName: 'multiboard-sync test',
      connectionsMax: 1,
    });
    const options = { signal: new AbortController().signal, report };
    const first = await database.withSession(async (session) => {
      await runForeignDump(session, bytesOf('SET standard_conforming_strings = off;'), options);
      return session.pid;
    });
    await database.withSession(async (session) => {
      expect(session.pid).not.toBe(first);
      expect(await session.query('SHOW standard_conforming_strings')).toEqual([
        { standard_conforming_strings: 'on' },
      ]);
    });
  });
});

describe('rows never reach another server, whatever way they take to a foreign table', () => {
  test.each([
    ['a name that a search path finds', 'SET search_path = public;\nCOPY f FROM stdin;\n1\n\\.\n'],
    [
      'a partition',
      `CREATE TABLE public.p (a int) PARTITION BY LIST (a);
       ALTER TABLE ONLY public.p ATTACH PARTITION public.f DEFAULT;\nCOPY public.p (a) FROM stdin;\n1\n\\.\n`,
    ],
    ['a view', 'CREATE VIEW public.v AS SELECT a FROM public.f;\nINSERT INTO public.v VALUES (1);\n'],
    [
      'a view, behind RESET ALL',
      'CREATE VIEW public.v AS SELECT a FROM public.f;\nRESET ALL;\nINSERT INTO public.v VALUES (1);\n',
    ],
  ])('%s', async (_name, rows) => {
    const [remote, local] = [await testDatabase('remote'), await testDatabase('local')];
    await remote.query('CREATE TABLE f (a int)');
    const { hostname, port, pathname, username, password } = new URL(remote.url);
    const file = `CREATE EXTENSION postgres_fdw WITH SCHEMA public;
      CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${hostname}', port '${port}', dbname '${pathname.slice(1)}');
      CREATE USER MAPPING FOR ${username} SERVER s OPTIONS ("user" '${username}', password '${password}');
      CREATE FOREIGN TABLE public.f (a int) SERVER s;\n${rows}`;
    await inspectForeignDump(bytesOf(file));
    const { code, message } = await refusal(local.url, file);
    expect([code, message]).toEqual([
      'STORAGE_DUMP_FOREIGN',
      expect.stringContaining('its rows would go to another server'),
    ]);
    expect(await remote.query('SELECT * FROM f')).toEqual([]);
    // Without the file's rows the way is there.
    await local.query('INSERT INTO f VALUES (2)');
    expect(await remote.query('SELECT * FROM f')).toEqual([{ a: 2 }]);
  });
});
