import * as fc from 'fast-check';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { copyIn } from '../../src/postgres/copy.ts';
import { Database } from '../../src/postgres/database.ts';
import { splitSql } from '../../src/sql-lexer/split-sql.ts';
import { psql } from '../support/client-tools.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';

/**
 * Text literals in every notation, each valid with standard_conforming_strings on or off, full of what ends statements.
 */
const literal = fc.oneof(
  fc.constantFrom(
    `'it''s;'`,
    `'--'`,
    `'/*'`,
    `'$$'`,
    `';'\n\t';'`,
    `'a' -- ';\n  'b;'`,
    `E'\\';'`,
    `e'\\\\'`,
    `E'\\x41\\101\\u00e9;'`,
    `N'n;'`,
    `$$;$$`,
    `$a$ ' " ; $b$ $$ $a$`,
    `$é$;$é$`,
    `$_1$;$_1$`,
    `B'01'::text`,
    `X'1F'::text`,
    `(1 /* ; /* ' */ $$ */ + 2)::text`,
    `(3 -- ;\n)::text`,
    `(2*/* ; */3)::text`,
    `(5 - -1)::text`,
    `(1+--'\n1)::text`,
    `('{1,2,3}'::int[])[1:2]::text`,
    `"a;""'""b"`,
    `a$$b`,
    `"U"`,
    `1e5::text`,
    `CASE WHEN true THEN 'x;' END`,
  ),
  fc
    .string({ unit: fc.constantFrom('a', ';', '"', '$', '-', '/', '*', ' ', '\n', 'é', '(', ':') })
    .map((text) => `'${text}'`),
);
const value = fc.array(literal, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('\n|| '));
/** The empty statement stands behind INSERT only: behind a COPY psql 18.6 takes it for another COPY. */
const insert = fc
  .tuple(value, fc.constantFrom('', ';', ' ;;'))
  .map(([text, more]) => `INSERT INTO log (v) SELECT ${text} FROM names;${more}`);
const gap = fc.constantFrom('', ' ', '\n', "-- ; ' $$ /*\n", "/* ; /* ' */ -- */", '\r\n');
const rows = fc.array(
  fc.constantFrom('a', '\\\\.', 'DROP TABLE log;', "'", '$$', '/*', '', 'x\\ty', 'BEGIN'),
  {
    maxLength: 5,
  },
);

/** `n` makes names unique. */
const statement = fc.oneof(
  { weight: 6, arbitrary: insert.map((text) => () => text) },
  {
    weight: 1,
    arbitrary: rows.map(
      (list) => () => `COPY log (v) FROM stdin;\n${list.map((row) => `${row}\n`).join('')}\\.\n`,
    ),
  },
  {
    weight: 1,
    arbitrary: value.map(
      (text) => (n: number) =>
        `CREATE OR REPLACE FUNCTION f${n}() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC INSERT INTO log (v) VALUES ('in;side'); SELECT CASE WHEN 1 = 1 THEN ${text} END FROM names; END;\nINSERT INTO log (v) SELECT f${n}();`,
    ),
  },
  {
    weight: 1,
    arbitrary: value.map(
      (text) => (n: number) =>
        `CREATE TABLE t${n} (a int);CREATE RULE r AS ON INSERT TO t${n} DO ALSO (INSERT INTO log (v) SELECT ${text} FROM names; INSERT INTO log (v) VALUES (';'));INSERT INTO t${n} VALUES (1);`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      () =>
        // psql asks for the setting at the beginning of each line only.
        String.raw`SET standard_conforming_strings = off;${'\n'}INSERT INTO log (v) VALUES ('\';''\\'), ($$\$$);SET standard_conforming_strings = on;${'\n'}INSERT INTO log (v) VALUES ('\'), (';');`,
    ),
  },
  { weight: 1, arbitrary: fc.constant(() => `DO $do$ BEGIN INSERT INTO log (v) VALUES ('do;'); END $do$;`) },
);
const script = fc
  .array(fc.tuple(gap, statement), { minLength: 30, maxLength: 60 })
  .map((list) => list.map(([before, text], n) => before + text(n)).join(''));

const setUp = `CREATE TABLE log (id serial, v text);
  CREATE TABLE names ("a;""'""b" text, a$$b text, "U" text);
  INSERT INTO names VALUES ('q1', 'q2', 'q3');`;

test('an escape string goes on behind a line end, where psql loses the thread', async () => {
  const database = await testDatabase('continued');
  await database.query(setUp);
  const text = String.raw`INSERT INTO log (v) SELECT E'a'
'\';b' || E'\';' -- it''s
  -- ;
  '\'''c';INSERT INTO log (v) VALUES ('d');`.replaceAll('\\\\', '\\');
  await runSplit(database.url, Buffer.from(text), 7);
  expect(await database.query('SELECT v FROM log ORDER BY id')).toEqual([{ v: "a';b';''c" }, { v: 'd' }]);
});

describe.skipIf(lacks('client-tools'))('psql as the oracle', () => {
  test('each statement run by itself does what psql -f of the whole does', async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.integer({ min: 1, max: 4000 }), async (text, chunkBytes) => {
        const [ours, theirs] = await Promise.all([testDatabase('ours'), testDatabase('psql')]);
        await Promise.all([ours.query(setUp), theirs.query(setUp)]);
        const { code, stderr } = await psql(theirs.url, ['--quiet'], {
          input: text,
        });
        expect(code, stderr).toBe(0);
        await runSplit(ours.url, Buffer.from(text), chunkBytes);
        const log = 'SELECT v FROM log ORDER BY id';
        const expected = await theirs.query(log);
        expect(expected.length).toBeGreaterThan(0);
        expect(await ours.query(log)).toEqual(expected);
        await Promise.all([ours.drop(), theirs.drop()]);
      }),
      // Each shrinking step would cost two databases.
      { numRuns: 8, endOnFailure: true },
    );
  });
});

async function runSplit(url: string, text: Buffer, chunkBytes: number): Promise<void> {
  await using database = new Database({
    url: parseDatabaseUrl('TEST_URL', url),
    side: 'target',
    access: 'write',
    applicationName: 'multiboard-sync test',
  });
  const chunks = Readable.from(
    Array.from({ length: Math.ceil(text.length / chunkBytes) }, (_, index) =>
      text.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    ),
  );
  await database.withSession(async (session) => {
    session.retire();
    await session.execute('SET search_path = public; SET row_security = on');
    for await (const item of splitSql(chunks)) {
      if (item.type === 'statement') await session.executeBytes(item.text);
      if (item.type === 'copy') {
        await copyIn(session, item.text.toString(), Readable.from(item.data, { objectMode: false }), {
          signal: new AbortController().signal,
        });
      }
    }
  });
}
