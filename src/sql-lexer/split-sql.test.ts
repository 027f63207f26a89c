import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import { psqlCommandName, splitSql } from './split-sql.ts';
import type { SplitOptions } from './split-sql.ts';

interface Seen {
  readonly type: string;
  readonly text: string;
  readonly line: number;
  readonly offset: number;
  readonly data?: string;
  readonly rows?: number;
}

async function* inChunks(input: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (input.length + 1)), input.length])].sort(
    (a, b) => a - b,
  );
  for (const [index, from] of edges.slice(0, -1).entries()) {
    await Promise.resolve();
    yield input.subarray(from, edges[index + 1]);
  }
}

const everyByte = (input: Buffer): number[] => Array.from({ length: input.length }, (_, at) => at);

async function split(
  input: string | Buffer,
  cuts: readonly number[] = [],
  options?: SplitOptions,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  for await (const item of splitSql(inChunks(bytes, cuts), options)) {
    const { type, line, offset } = item;
    const text = item.text.toString('latin1');
    if (item.type !== 'copy') {
      seen.push({ type, text, line, offset });
      continue;
    }
    const pieces: Buffer[] = [];
    for await (const piece of item.data) pieces.push(piece);
    const data = Buffer.concat(pieces).toString('latin1');
    expect(item.data.bytes).toBe(data.length);
    seen.push({ type, text, line, offset, data, rows: item.data.rows });
  }
  return seen;
}

/** The statements' texts, the same for the input as a whole and byte by byte. */
async function statements(input: string): Promise<string[]> {
  const whole = await split(input);
  expect(await split(input, everyByte(Buffer.from(input)))).toEqual(whole);
  return whole.filter((item) => item.type !== 'comment').map((item) => item.text);
}

async function failure(
  input: string,
  cuts: readonly number[] = [],
  options?: SplitOptions,
): Promise<SyncError> {
  const thrown: unknown = await split(input, cuts, options).then(
    () => new Error('no error'),
    (error: unknown) => error,
  );
  if (thrown instanceof SyncError) return thrown;
  throw thrown;
}

describe('where a statement ends', () => {
  test.each([
    ['two statements', 'SELECT 1;SELECT 2;', ['SELECT 1;', 'SELECT 2;']],
    ['empty statements', ' ; ;;SELECT 1;\n;', ['SELECT 1;']],
    ['a semicolon in a string', "SELECT ';', 'it''s;';SELECT 2;", ["SELECT ';', 'it''s;';", 'SELECT 2;']],
    [
      'a backslash ends no standard string',
      String.raw`SELECT '\';SELECT 2;`,
      [String.raw`SELECT '\';`, 'SELECT 2;'],
    ],
    [
      'an escaped quote in E',
      String.raw`SELECT E'\';', e'a''\\';SELECT 2;`,
      [String.raw`SELECT E'\';', e'a''\\';`, 'SELECT 2;'],
    ],
    [
      'a name that ends in e is no E',
      String.raw`SELECT some'\';SELECT 2;`,
      [String.raw`SELECT some'\';`, 'SELECT 2;'],
    ],
    [
      'E goes on after a line end',
      "SELECT E'a'\n '\\';' ;SELECT 2;",
      ["SELECT E'a'\n '\\';' ;", 'SELECT 2;'],
    ],
    [
      'E goes on after a comment',
      "SELECT E'a' -- c\n--d\n '\\';' ;SELECT 2;",
      ["SELECT E'a' -- c\n--d\n '\\';' ;", 'SELECT 2;'],
    ],
    ['E does not go on without line end', "SELECT E'a' '\\' ;SELECT 2;", ["SELECT E'a' '\\' ;", 'SELECT 2;']],
    ['a minus after a string', "SELECT E'1' - 2;SELECT '1'-2;", ["SELECT E'1' - 2;", "SELECT '1'-2;"]],
    [
      'U&, B, X, N',
      String.raw`SELECT U&'\0041;', b'1', X'1F', N';\', u & 1;SELECT U&"a;b";`,
      [String.raw`SELECT U&'\0041;', b'1', X'1F', N';\', u & 1;`, 'SELECT U&"a;b";'],
    ],
    ['quoted names', 'SELECT "a;""b\'" ;SELECT 2;', ['SELECT "a;""b\'" ;', 'SELECT 2;']],
    [
      'dollar quotes',
      'SELECT $$;$a$;$$, $a$ $$ $A$ ;$a$;SELECT 2;',
      ['SELECT $$;$a$;$$, $a$ $$ $A$ ;$a$;', 'SELECT 2;'],
    ],
    [
      'a dollar inside a name',
      'SELECT a$$b;SELECT 1 AS c$d$;SELECT 2;',
      ['SELECT a$$b;', 'SELECT 1 AS c$d$;', 'SELECT 2;'],
    ],
    [
      'parameters and numbers before dollars',
      'SELECT $1;SELECT 1$$;$$;SELECT 1e5$$;',
      ['SELECT $1;', 'SELECT 1$$;$$;', 'SELECT 1e5$$;'],
    ],
    ['a dollar tag that is none', "SELECT $e'\\';';SELECT 2;", ["SELECT $e'\\';';", 'SELECT 2;']],
    ['a dollar tag with high bytes', 'SELECT $ü$;$ü$;SELECT 2;', ['SELECT $Ã¼$;$Ã¼$;', 'SELECT 2;']],
    ['line comments inside', "SELECT 1 -- ;'\n;SELECT 2;", ["SELECT 1 -- ;'\n;", 'SELECT 2;']],
    [
      'nested comments',
      "SELECT 1 /* ; /* ; */ ' **/ ;SELECT /*/ ; */ 2;",
      ["SELECT 1 /* ; /* ; */ ' **/ ;", 'SELECT /*/ ; */ 2;'],
    ],
    [
      'operators stop before comments',
      "SELECT 1 +-- ;\n 2 */* ;' */ 3;SELECT 2 - -1 / 2;",
      ["SELECT 1 +-- ;\n 2 */* ;' */ 3;", 'SELECT 2 - -1 / 2;'],
    ],
    [
      'a rule with two actions',
      'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);SELECT 2;',
      ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);', 'SELECT 2;'],
    ],
    ['a parenthesis too many', 'SELECT 1);SELECT (2);', ['SELECT 1);', 'SELECT (2);']],
  ])('%s', async (_name, input, expected) => {
    expect(await statements(input)).toEqual(expected);
  });

  test.each([
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END;',
    'CREATE OR REPLACE PROCEDURE public."P"(a int) LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1); END;',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql\n begin /* ; */ atomic SELECT x.end, "end" AS end; END;',
    'CREATE FUNCTION public.begin(begin int) RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN CASE WHEN true THEN 1 END;',
    'CREATE VIEW function AS SELECT begin, atomic FROM t;',
  ])('a routine is one statement: %s', async (text) => {
    expect(await statements(`${text}SELECT 2;`)).toEqual([text, 'SELECT 2;']);
  });

  test('standard_conforming_strings is followed', async () => {
    const off = String.raw`SELECT '\';';`;
    const on = String.raw`SELECT '\';`;
    for (const [set, one] of [
      ['SET standard_conforming_strings = off;', off],
      ['set session standard_conforming_strings to FALSE;', off],
      ["SET standard_conforming_strings = 'off';", off],
      ['SET standard_conforming_strings=0;', off],
      ['SET standard_conforming_strings = on;', on],
      ['SET standard_conforming_strings = DEFAULT;', on],
      ['SET other = off;', on],
    ] as const) {
      expect(await statements(`${set}${one}SELECT 1;`)).toEqual([set, one, 'SELECT 1;']);
    }
    const text = `SET standard_conforming_strings = off;${off}RESET standard_conforming_strings;${on}`;
    expect((await statements(text)).slice(1)).toEqual([off, 'RESET standard_conforming_strings;', on]);
  });
});

describe('places and comments', () => {
  test('lines, offsets, byte order mark, CRLF', async () => {
    const input = Buffer.from('\uFEFF-- one\r\n/* two\r\n*/ SELECT\r\n1;;\r\n\r\n  SELECT 2 ;-- end');
    const expected = [
      { type: 'comment', text: '-- one', line: 1, offset: 3 },
      { type: 'comment', text: '/* two\r\n*/', line: 2, offset: 11 },
      { type: 'statement', text: 'SELECT\r\n1;', line: 3, offset: 22 },
      { type: 'statement', text: 'SELECT 2 ;', line: 6, offset: 39 },
      { type: 'comment', text: '-- end', line: 6, offset: 49 },
    ];
    expect(await split(input)).toEqual(expected);
    expect(await split(input, everyByte(input))).toEqual(expected);
  });

  test('nothing at all', async () => {
    expect(await split('')).toEqual([]);
    expect(await split(' \n\t')).toEqual([]);
  });

  test('of a long comment only the first KiB is kept', async () => {
    const [comment, statement] = await split(`/*${'x'.repeat(5000)}*/SELECT 1;`, [100, 900, 2000, 4000]);
    expect(comment?.text).toHaveLength(1024);
    expect(statement).toMatchObject({ text: 'SELECT 1;', offset: 5004 });
  });
});

describe('COPY data', () => {
  const copy = 'COPY public."Part" (id, name) FROM stdin;';

  test.each([
    ['rows', '1\ta\n2\tb\n', 2],
    ['no rows', '', 0],
    ['empty rows', '\n\n', 2],
    ['what looks like the end', '\\\\.\n\\.x\n x\\.\n\\..\n\\N\n', 5],
    ['what looks like SQL', "'\n$$\n/*\nDROP TABLE x;\n\\connect y\n", 5],
  ])('%s', async (_name, data, rows) => {
    for (const end of ['\n', '\r\n']) {
      const rowsAsWritten = data.replaceAll('\n', end);
      const input = `${copy}${end}${rowsAsWritten}\\.${end}SELECT 1;`;
      const expected = [
        { type: 'copy', text: copy, line: 1, offset: 0, data: rowsAsWritten, rows },
        { type: 'statement', text: 'SELECT 1;', line: rows + 3, offset: input.length - 9 },
      ];
      expect(await split(input)).toEqual(expected);
      expect(await split(input, everyByte(Buffer.from(input)))).toEqual(expected);
    }
  });

  test('the end of the file may follow the mark at once', async () => {
    expect((await split(`${copy}\n1\n\\.`))[0]).toMatchObject({ data: '1\n', rows: 1 });
    expect((await split(`${copy}\n1\n\\.\r`, [44, 45, 46]))[0]).toMatchObject({ data: '1\n' });
  });

  test('rows that nobody read are read over, never as SQL', async () => {
    const input = Buffer.from(`${copy}\nSELECT 666;\n\\.\nSELECT 1;`);
    const texts: string[] = [];
    for await (const item of splitSql(inChunks(input, everyByte(input)))) texts.push(item.text.toString());
    expect(texts).toEqual([copy, 'SELECT 1;']);
  });

  test('only FROM STDIN has data', async () => {
    expect(
      await statements(
        'COPY t TO STDOUT;COPY (SELECT a FROM stdin) TO STDOUT;SELECT a FROM stdin;COPY t FROM "stdin";',
      ),
    ).toHaveLength(4);
    expect((await split('copy t(stdin) From /* c */ StdIn with (freeze);\n1\n\\.\n'))[0]?.type).toBe('copy');
    expect((await split('COPY t FROM STDOUT;\n1\n\\.\n'))[0]?.type).toBe('copy');
  });

  test('the file ends inside the rows', async () => {
    for (const tail of ['', '\n', '\n1\n', '\n1', '\n\\', '\n1\n\\']) {
      expect((await failure(`SELECT 1;\n${copy}${tail}`)).code).toBe('STORAGE_DUMP_INCOMPLETE');
    }
  });

  test('more SQL on the line of a COPY', async () => {
    const error = await failure(`\n${copy} SELECT 1;\n\\.\n`);
    expect(error).toMatchObject({ code: 'STORAGE_DUMP_FOREIGN', details: { line: 2 } });
  });
});

describe('psql commands', () => {
  test('between statements they are items', async () => {
    const input = 'SELECT 1;\n\\restrict AbC1\n \\connect - other\nSELECT 2;\n\\.\n';
    expect(await split(input, everyByte(Buffer.from(input)))).toEqual([
      { type: 'statement', text: 'SELECT 1;', line: 1, offset: 0 },
      { type: 'psql', text: '\\restrict AbC1', line: 2, offset: 10 },
      { type: 'psql', text: '\\connect - other', line: 3, offset: 26 },
      { type: 'statement', text: 'SELECT 2;', line: 4, offset: 43 },
      { type: 'psql', text: '\\.', line: 5, offset: 53 },
    ]);
  });

  test('inside a statement they are refused by name', async () => {
    const error = await failure("SELECT 1\n\\gexec 'secret'\n;");
    expect(error.code).toBe('STORAGE_DUMP_FOREIGN');
    expect(error.message).toContain('Line 2: the psql command \\gexec stands');
    expect(error.message).not.toContain('secret');
  });

  test('strings and comments may hold them', async () => {
    const text = "SELECT '\n\\! rm\n\\.\n', $$\n\\restrict x\n$$ /*\n\\q\n*/;";
    expect(await statements(text)).toEqual([text]);
  });

  test.each([
    ['\\connect x', '\\connect'],
    ['\\!rm', '\\!'],
    ['\\. ', '\\.'],
    ['\\', '\\'],
    ['\\ü', '\\'],
  ])('%s is named %s', (text, name) => {
    expect(psqlCommandName(Buffer.from(text))).toBe(name);
  });
});

describe('a file that ends too early or holds too much', () => {
  test.each([
    ['SELECT 1;\nSELECT 2', 'a statement', 2],
    ["SELECT 1;\n\nINSERT INTO t VALUES ('x", 'a string', 3],
    ["SELECT E'\\", 'a string', 1],
    ['SELECT $a$ $', 'a dollar-quoted string', 1],
    ['CREATE TABLE "x', 'a quoted name', 1],
    ['SELECT 1;/* x', 'a comment', 1],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;', 'a statement', 1],
    ['SELECT (1;', 'a statement', 1],
    ['SELECT 1 -- ;', 'a statement', 1],
    ['SELEC', 'a statement', 1],
  ])('%s', async (input, thing, line) => {
    for (const cuts of [[], everyByte(Buffer.from(input))]) {
      const error = await failure(input, cuts);
      expect(error.code).toBe('STORAGE_DUMP_INCOMPLETE');
      expect(error.message).toContain(`inside ${thing}:`);
      expect(error.details).toEqual({ line });
    }
  });

  test('a statement beyond the limit is refused with its line, wherever the chunks end', async () => {
    const input = `SELECT 1;\nSELECT '${'x'.repeat(200)}';`;
    for (const cuts of [[], everyByte(Buffer.from(input)), [50]]) {
      const error = await failure(input, cuts, { statementBytesMax: 100 });
      expect(error).toMatchObject({ code: 'STORAGE_DUMP_FOREIGN', details: { line: 2 } });
      expect(await split(input, cuts, { statementBytesMax: 300 })).toHaveLength(2);
    }
  });
});

describe('any cut gives the same split', () => {
  const fragment = fc.constantFrom(
    ...String.raw`' '' E E' \ \' " $ $$ $a$ a$ -- - /* */ / * U& U&' B N ; ( ) CREATE FUNCTION f BEGIN`.split(
      ' ',
    ),
    ...String.raw`ATOMIC CASE END . AS 1 1.5 COPY t FROM stdin ü € x SET standard_conforming_strings = off;`.split(
      ' ',
    ),
    '\n',
    '\r\n',
    'stdin;\n',
    '\\.\n',
    '\n\\.\n',
    '\\restrict k\n',
  );
  const random = fc
    .array(fc.tuple(fragment, fc.constantFrom('', ' ', '\n')), { maxLength: 60 })
    .map((parts) => parts.map(([text, gap]) => text + gap).join(''));
  const outcome = (input: Buffer, cuts: readonly number[]): Promise<unknown> =>
    split(input, cuts).catch((error: unknown) => {
      if (!(error instanceof SyncError)) throw error;
      return [error.code, error.message, error.details];
    });

  test('of random pieces', async () => {
    await fc.assert(
      fc.asyncProperty(random, fc.array(fc.nat(), { maxLength: 12 }), async (text, cuts) => {
        const input = Buffer.from(text);
        const whole = await outcome(input, []);
        expect(await outcome(input, cuts)).toEqual(whole);
        expect(await outcome(input, everyByte(input))).toEqual(whole);
      }),
      { numRuns: 1500 },
    );
  });

  const sqlString = fc.constantFrom(
    `'it''s;'`,
    `E'\\';'`,
    `$$;$a$$$`,
    `$x$ ' ; $y$ $x$`,
    `U&'\\0041;'`,
    `B'01'`,
    `"a;""b"`,
    `N'\\'`,
  );
  const expression = fc.oneof(
    sqlString,
    fc.constantFrom('1', 'a$$b', '-1 - -2', '1 /* ; /* */ */', '2 -- ;\n', '(3)', 'x::text'),
  );
  const statement = fc
    .array(expression, { minLength: 1, maxLength: 8 })
    .map((list) => `SELECT ${list.join(', ')};`);
  const copy = fc
    .array(fc.constantFrom('a', '\\\\.', '\\N', "'", '$$', 'x\\.', ''), { maxLength: 6 })
    .map((rows) => ({ text: 'COPY t FROM stdin;', data: rows.map((row) => `${row}\n`).join('') }));
  const gap = fc.constantFrom('', '\n', ' -- c;\n', '/* c;\n */');

  test('and joins to the input again', async () => {
    const piece = fc.oneof(
      statement.map((text) => ({ text, data: null })),
      copy,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(gap, piece)), fc.array(fc.nat()), async (pieces, cuts) => {
        let input = '';
        const expected: { text: string; offset: number; data: string | undefined }[] = [];
        for (const [before, { text, data }] of pieces) {
          input += before;
          expected.push({ text, offset: Buffer.byteLength(input), data: data ?? undefined });
          input += data === null ? text : `${text}\n${data}\\.\n`;
        }
        const seen = await split(Buffer.from(input), cuts);
        const found = seen
          .filter((item) => item.type !== 'comment')
          .map(({ text, offset, data }) => ({ text, offset, data }));
        expect(found).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
