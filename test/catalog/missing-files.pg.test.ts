import { describe, expect, it } from 'vitest';
import { createBench, stateOf, modes } from '../harness/environment-pair.ts';
import type { Bench } from '../harness/environment-pair.ts';
import { failure } from '../harness/failure.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import { runPsql } from './oracle.ts';

/** As after an upgrade of the server that left an old library behind. */
const losesItsLibrary = (functions: string): string => `
  SET allow_system_table_mods = on;
  UPDATE pg_proc SET probin = '$libdir/gone', prosrc = 'gone', prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')
  WHERE oid IN (${functions});`;

describe.skipIf(lacks('client-tools'))('files that a server lacks', () => {
  async function benchWith(sql: string): Promise<Bench> {
    const source = await testDatabase('missing');
    await runPsql(source.url, sql);
    return createBench({ source });
  }

  it('a C function whose library is gone is read, and named where it cannot be made', async () => {
    const bench = await benchWith(`
      CREATE SCHEMA app;
      CREATE TABLE app.t (id integer PRIMARY KEY);
      INSERT INTO app.t VALUES (1);
      CREATE FUNCTION app."my ""f"""(integer) RETURNS integer LANGUAGE internal AS 'int4abs';
      ${losesItsLibrary(`'app."my ""f"""'::regproc`)}`);
    const before = await stateOf(bench.target);
    await bench.export();
    for (const mode of modes) {
      const error = await failure(bench.sync(mode));
      expect(error.code).toBe('TARGET_FILE_MISSING');
      expect(error.message).toContain(
        'Creating function app."my ""f"""(integer): could not access file "gone": No such file',
      );
      expect(await stateOf(bench.target)).toEqual(before);
    }
  });

  it('a function that its library does not have', async () => {
    const bench = await benchWith(`
      CREATE FUNCTION public.f(integer) RETURNS integer LANGUAGE internal AS 'int4abs';
      SET allow_system_table_mods = on;
      UPDATE pg_proc SET probin = '$libdir/citext', prosrc = 'no_such_function', prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')
      WHERE oid = 'public.f'::regproc;`);
    const error = await failure(bench.sync('replace'));
    expect(error.message).toMatch(
      /^Creating function public\.f\(integer\): could not find function "no_such_function" in file "/,
    );
  });

  it('a configuration whose parser is gone cannot be read, and is named', async () => {
    const bench = await benchWith(`
      CREATE FUNCTION public.types(internal) RETURNS internal LANGUAGE internal STRICT AS 'prsd_lextype';
      CREATE TEXT SEARCH PARSER public.p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = public.types);
      CREATE TEXT SEARCH CONFIGURATION public."My c" (PARSER = public.p);
      ALTER TEXT SEARCH CONFIGURATION public."My c" ADD MAPPING FOR word WITH simple;
      CREATE TEXT SEARCH CONFIGURATION public.healthy (COPY = english);
      ${losesItsLibrary(`'public.types'::regproc`)}`);
    const error = await failure(bench.export());
    expect(error.code).toBe('SOURCE_FILE_MISSING');
    expect(error.message).toMatch(
      /^Asking the parser of text search configuration public\."My c" for its token types: could not access file "gone": No such file/,
    );
  });

  it('a dictionary whose words the target does not have', async () => {
    const bench = await benchWith(`
      CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = simple, STOPWORDS = english);
      SET allow_system_table_mods = on;
      UPDATE pg_ts_dict SET dictinitoption = 'stopwords = ''no_such_words''' WHERE dictname = 'd';`);
    const error = await failure(bench.sync('replace'));
    expect(error.code).toBe('TARGET_FILE_MISSING');
    expect(error.message).toMatch(
      /^Creating text search dictionary public\.d: could not open stop-word file ".*no_such_words\.stop"/,
    );
  });
});
