import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { psql } from '../support/client-tools.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { dumped, restoredFrom } from './run.ts';

/** Text of which some characters end, in that encoding, with a byte that is a backslash, a bar, a brace or a letter. */
const texts: Readonly<Record<string, string>> = {
  SJIS: 'ソ表能予十｜ポ;ﾊﾝｶｸ',
  SHIFT_JIS_2004: 'ソ表能予十',
  EUC_JP: 'ソ表能;ﾊﾝｶｸ',
  BIG5: '功許蓋閱;餐',
  GBK: '誠漒乗乗乱乗;乗',
  GB18030: '誠漒乗𠀀𠀋;é',
  UHC: '똠방각하;펲',
  EUC_KR: '한글;',
  LATIN1: 'Schräubchen; é\u00a0',
  LATIN9: 'Schräubchen; € Œ',
  WIN1252: 'Schräubchen; € „Œ“',
  WIN1251: 'Винт; Ж',
  KOI8R: 'Винт; Ж',
};

const setUp = (text: string): string => `
  CREATE TABLE public."t ${text}" (id integer PRIMARY KEY, "${text}" text DEFAULT E'${text}\\\\', b text);
  COMMENT ON TABLE public."t ${text}" IS '${text}\\';
  INSERT INTO public."t ${text}" VALUES (1, '${text}', '\\.'), (2, E'a\\n${text}\\t\\\\', '${text}'), (3, NULL, ''';');
  CREATE FUNCTION public."f ${text}"() RETURNS text LANGUAGE sql AS $_$ SELECT '${text}\\;' /* ${text} */ $_$;
  CREATE FUNCTION public.atomic() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT '${text}'; SELECT ';'; END;
  CREATE TYPE public."${text}" AS ENUM ('${text}', ';');`;

describe.skipIf(lacks('client-tools'))('a file in another encoding is read as the server reads it', () => {
  test.each(Object.entries(texts))('%s', async (encoding, text) => {
    const first = await testDatabase('first');
    await first.query(setUp(text));
    const source = await testDatabase('source');
    const { code, stderr } = await psql(source.url, ['--quiet'], { input: await dumped(first.url) });
    expect(code, stderr).toBe(0);
    const expected = await dumped(source.url);
    await expectRestored([]);
    // Strings in which a backslash means something: it must not be taken for the second half of a character.
    await source.query(`ALTER DATABASE "${source.name}" SET standard_conforming_strings = off`);
    await expectRestored(['--inserts', '--quote-all-identifiers']);

    async function expectRestored(args: readonly string[]): Promise<void> {
      const file = await dumpFile(source, [`--encoding=${encoding}`, ...args]);
      const head = file.toString('latin1');
      expect(head).toContain(`SET client_encoding = '${encoding}'`);
      expect(head).toContain(`standard_conforming_strings = ${args.length === 0 ? 'on' : 'off'}`);
      const target = await testDatabase('ours');
      await restoredFrom(target.url, file);
      expect(await dumped(target.url)).toBe(expected);
      await target.drop();
    }
  });

  test('a database without an encoding keeps its bytes', async () => {
    const template = await testDatabase('bytes');
    await template.query(
      `CREATE DATABASE "${template.name}_0" TEMPLATE template0 ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    const first = await testDatabase('first', `${template.name}_0`);
    const second = await testDatabase('second', `${template.name}_0`);
    await template.query(`DROP DATABASE "${template.name}_0"`);
    await first.query(String.raw`CREATE TABLE t (a integer PRIMARY KEY, v text);
      INSERT INTO t VALUES (1, E'\xff\xfe\x80;'), (2, convert_from('\xc3a4', 'SQL_ASCII'))`);
    for (const args of [[], ['--inserts']]) {
      const file = await dumpFile(first, ['--encoding=SQL_ASCII', ...args]);
      expect(file.toString('latin1')).toContain("SET client_encoding = 'SQL_ASCII'");
      expect(file.includes(Buffer.from('fffe80', 'hex'))).toBe(true);
      await second.query('DROP TABLE IF EXISTS t');
      await restoredFrom(second.url, file);
      expect(await second.query("SELECT encode(v::bytea, 'hex') AS v FROM t ORDER BY a")).toEqual([
        { v: 'fffe803b' },
        { v: 'c3a4' },
      ]);
    }
  });
});

async function dumpFile(source: TestDatabase, args: readonly string[]): Promise<Buffer> {
  const directory = await scratchDirectory('dump');
  try {
    const path = join(directory, 'dump.sql');
    await dumped(source.url, [`--file=${path}`, ...args]);
    return await readFile(path);
  } finally {
    await rm(directory, { recursive: true });
  }
}
