import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import { inspectForeignDump } from './inspect.ts';
import type { ForeignInspection } from './inspect.ts';
import type { ForeignOptions } from './rules/judgement.ts';

const dump = `--
-- PostgreSQL database dump
--

\\restrict AbC123

-- Dumped from database version 18.4

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public."Part" (
    id integer NOT NULL,
    name text DEFAULT ';'
);
ALTER TABLE public."Part" OWNER TO app;

COPY public."Part" (id, name) FROM stdin;
1\tSchräubchen €
2\t\\N
\\.

INSERT INTO public.other VALUES (1, 'ü');

BEGIN;
SELECT pg_catalog.lo_open('16400', 131072);
COMMIT;

--
-- PostgreSQL database dump complete
--

\\unrestrict AbC123

`;

async function* inChunks(input: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < input.length; at += size) {
    await Promise.resolve();
    yield input.subarray(at, at + size);
  }
}

const inspect = (
  input: string | Buffer,
  options?: ForeignOptions,
  size = 65_536,
): Promise<ForeignInspection> =>
  inspectForeignDump(inChunks(typeof input === 'string' ? Buffer.from(input) : input, size), options);

async function fault(input: string | Buffer, size?: number): Promise<SyncError> {
  const thrown: unknown = await inspect(input, {}, size).then(
    () => new Error('No fault was found.'),
    (error: unknown) => error,
  );
  if (thrown instanceof SyncError) return thrown;
  throw thrown;
}

describe('a whole dump', () => {
  test('is counted', async () => {
    expect(await inspect(dump, { owners: false })).toEqual({
      statements: 8,
      tables: 2,
      rows: 3,
      bytes: expect.any(Number) as number,
      skipped: { 'ALTER … OWNER TO': 1 },
      notes: [expect.stringContaining('--section=post-data') as string],
      writerMajor: null,
      long: new Map(),
    });
  });

  test('gives the same at any chunk size, with CRLF, a byte order mark, gzip in one or many members', async () => {
    const expected = await inspect(dump);
    const raw = Buffer.from(dump);
    for (const size of [1, 2, 3, 7, 100]) expect(await inspect(raw, {}, size)).toEqual(expected);
    const { bytes: _, ...counts } = expected;
    expect(await inspect(`\uFEFF${dump}`)).toEqual(expected);
    expect(await inspect(dump.replaceAll('\n', '\r\n'))).toMatchObject(counts);
    expect(await inspect(gzipSync(raw))).toEqual(expected);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(raw.length), { maxLength: 5 }),
        fc.integer({ min: 1, max: 600 }),
        async (cuts, size) => {
          const edges = [0, ...cuts.toSorted((a, b) => a - b), raw.length];
          const members = edges.slice(1).map((end, index) => gzipSync(raw.subarray(edges[index], end)));
          expect(await inspect(Buffer.concat(members), {}, size)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of another program needs no trailer', async () => {
    expect(await inspect('CREATE TABLE a (b int);')).toMatchObject({ statements: 1 });
  });
});

describe('a cut file', () => {
  test('is found out wherever it was cut', async () => {
    const raw = Buffer.from(dump);
    const end = raw.indexOf('\n\\unrestrict') + '\n\\unrestrict AbC123'.length;
    for (let length = 0; length < end; length += 1) {
      const { code } = await fault(raw.subarray(0, length));
      // In the middle of \restrict's key the key is another one; a half command is no command.
      expect(['STORAGE_DUMP_INCOMPLETE', 'STORAGE_DUMP_FOREIGN']).toContain(code);
    }
    expect(await inspect(raw.subarray(0, end + 1))).toMatchObject({ statements: 9 });
  });

  test('says what is missing', async () => {
    expect((await fault('')).message).toBe('The file is empty.');
    expect((await fault('-- nothing\n')).message).toContain('no SQL statement');
    expect(
      (await fault(dump.slice(0, dump.indexOf('--\n-- PostgreSQL database dump complete')))).message,
    ).toContain('last line');
    expect((await fault(dump.replace('\\unrestrict AbC123', ''))).message).toContain('\\unrestrict');
    expect((await fault('BEGIN;')).message).toContain('The transaction begun at line 1 has no end.');
  });

  test('also as gzip', async () => {
    const zipped = gzipSync(dump);
    for (const cut of [20, zipped.length - 9, zipped.length - 1]) {
      expect((await fault(zipped.subarray(0, cut))).code).toBe('STORAGE_DUMP_INCOMPLETE');
    }
    const two = Buffer.concat([zipped, zipped]);
    for (const cut of [zipped.length + 1, zipped.length + 5, two.length - 4]) {
      for (const size of [7, 65_536]) {
        expect((await fault(two.subarray(0, cut), size)).code, `${cut}/${size}`).toBe(
          'STORAGE_DUMP_INCOMPLETE',
        );
      }
    }
  });

  test('damaged gzip is named as such', async () => {
    const zipped = gzipSync(dump);
    zipped[zipped.length - 5] = (zipped.at(-5) ?? 0) ^ 1;
    expect((await fault(zipped)).code).toBe('STORAGE_DUMP_DAMAGED');
    expect((await fault(Buffer.concat([gzipSync(dump), Buffer.from('rubbish')]))).code).toBe(
      'STORAGE_DUMP_DAMAGED',
    );
  });
});

describe('another format', () => {
  const tar = Buffer.alloc(1024);
  tar.write('toc.dat');
  tar.write('ustar', 257);
  test.each([
    ['custom', Buffer.from('PGDMP\u0001\u000e'), 'pg_restore'],
    ['custom in gzip', gzipSync(Buffer.from('PGDMP\u0001\u000e')), 'pg_restore'],
    ['tar', tar, 'pg_restore'],
    ['zip', Buffer.from('PK\u0003\u0004'), 'unzip'],
    ['zstd', Buffer.from('28b52ffd00', 'hex'), 'unzstd'],
    ['xz', Buffer.from('fd377a585a0000', 'hex'), 'unxz'],
  ])('%s is named with the remedy', async (_name, bytes, remedy) => {
    for (const size of [1, 65_536]) {
      const error = await fault(bytes, size);
      expect(error.code).toBe('STORAGE_DUMP_FOREIGN');
      expect(error.hint).toContain(remedy);
    }
  });

  test('a dump of a whole server', async () => {
    const error = await fault('--\n-- PostgreSQL database cluster dump\n--\nCREATE ROLE x;\n');
    expect(error.code).toBe('STORAGE_DUMP_FOREIGN');
    expect(error.message).toContain('Line 2: the file is a dump of a whole server');
    expect(error.details['faults']).toHaveLength(2);
  });
});

describe('encodings', () => {
  test('UTF-16 and other bytes than UTF-8', async () => {
    for (const input of [
      Buffer.from(`\uFEFF${dump}`, 'utf16le'),
      Buffer.from(dump, 'utf16le'),
      Buffer.from('SELECT 1;\0'),
      Buffer.from("SET client_encoding = 'UTF8';\nINSERT INTO a VALUES ('ü');", 'latin1'),
      Buffer.from('COPY a FROM stdin;\nx\nü\n\\.\n', 'latin1'),
      Buffer.from('COPY a FROM stdin;\nx\ny\0\n\\.\n'),
      Buffer.concat([
        Buffer.from('COPY a FROM stdin;\n'),
        Buffer.from('€').subarray(0, 2),
        Buffer.from('\n\\.\n'),
      ]),
    ]) {
      for (const size of [1, 5, 65_536])
        expect((await fault(input, size)).code).toBe('STORAGE_DUMP_ENCODING');
    }
  });

  test('the line is named', async () => {
    const error = await fault(Buffer.from('\nCOPY a FROM stdin;\nx\ny\nü\n\\.\n', 'latin1'), 4);
    expect(error.message).toMatch(/^At or after line [45]: the rows hold bytes/);
  });

  test('what the file says is honoured', async () => {
    for (const name of ['LATIN1', 'WIN1252', 'SQL_ASCII', 'iso-8859-15', 'EUC_JP']) {
      const text = `SET client_encoding = '${name}';\nINSERT INTO a VALUES ('ü');\nCOPY "ü" FROM stdin;\nü\n\\.\n`;
      expect(await inspect(Buffer.from(text, 'latin1'))).toMatchObject({ statements: 3, rows: 2, tables: 2 });
    }
    expect((await fault("SET client_encoding TO 'x';")).code).toBe('STORAGE_DUMP_ENCODING');
  });

  test('a backslash or semicolon may be half a character', async () => {
    // In these encodings 0x83 begins a character, and the byte behind it is the rest.
    for (const name of ['SJIS', 'BIG5', 'GBK', 'UHC', 'GB18030', 'JOHAB', 'Shift_JIS', 'win932', 'WIN950']) {
      const text = Buffer.concat([
        Buffer.from(
          `SET client_encoding TO '${name}';\nINSERT INTO "\x83\\" (\x83|\x83\\\x83a) VALUES (E'\x83\\');\n`,
          'latin1',
        ),
        Buffer.from(
          `COPY "\x83\\" ("\x83\\") FROM stdin;\n\x83\\\x83\\\n\\.\n-- \x83\\\nRESET ALL;\n`,
          'latin1',
        ),
      ]);
      for (const size of [1, 2, 7, 65_536]) {
        expect(await inspect(text, {}, size), name).toMatchObject({ statements: 4, rows: 2, tables: 1 });
      }
    }
    // A character of one byte, or one that UTF-8 ended before, takes nothing with it.
    expect(
      (await fault(Buffer.from("SET client_encoding = 'SJIS';INSERT INTO a VALUES (E'\xb1\\');", 'latin1')))
        .code,
    ).toBe('STORAGE_DUMP_INCOMPLETE');
    const back = "SET client_encoding = 'SJIS';RESET ALL;INSERT INTO a VALUES (E'é\\');";
    expect((await fault(back)).code).toBe('STORAGE_DUMP_INCOMPLETE');
  });

  test('any text in any chunks passes', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 5 }), async (text, size) => {
        const row = text.replaceAll(/[\0\r\n\\\uD800-\uDFFF]/g, '');
        expect(await inspect(`COPY a FROM stdin;\n${row}\n\\.\n`, {}, size)).toMatchObject({ rows: 1 });
      }),
    );
  });
});

describe('psql commands and refused statements', () => {
  test('every one is listed, with its line and without its arguments', async () => {
    const error = await fault(
      "\\connect - secret\nSELECT 1;\n\\! secret\nCREATE TABLE a (b int);\nCOPY a FROM stdin;\nDROP DATABASE x;\n\\.\n\\.\nCREATE ROLE r PASSWORD 'secret';\n",
    );
    expect(error.code).toBe('STORAGE_DUMP_FOREIGN');
    expect(error.message).toBe(
      'Line 1: the psql command \\connect is not accepted. The file has 4 more such fault(s). Nothing was changed.',
    );
    expect(error.hint).toContain('--create');
    expect(error.details['faults']).toEqual([
      'Line 1: the psql command \\connect is not accepted.',
      'Line 2: SELECT is not accepted: a plain dump calls only its own few functions, with constants.',
      'Line 3: the psql command \\! is not accepted.',
      'Line 8: the psql command \\. is not accepted.',
      'Line 9: CREATE ROLE r is not accepted: it reaches beyond the one database.',
    ]);
    expect(JSON.stringify([error.message, error.details])).not.toContain('secret');
  });

  test('\\restrict must be its own, and \\unrestrict have its key', async () => {
    expect((await fault('\\restrict a\nSELECT 1;\n\\unrestrict b\n')).message).toContain('Line 2');
    for (const text of [
      '\\restrict a b\n',
      '\\restrict\n',
      '\\unrestrict a\n',
      '\\restrict `id`\n',
      '\\restricted a\n',
    ]) {
      expect((await fault(`${text}SET row_security = off;\n`)).code).toBe('STORAGE_DUMP_FOREIGN');
    }
  });

  test('transactions nest no deeper than one', async () => {
    expect((await fault('BEGIN;BEGIN;COMMIT;')).message).toContain(
      'BEGIN is not accepted: it matches no other',
    );
    expect((await fault('COMMIT;')).message).toContain('COMMIT is not accepted');
  });
});

test('an abort ends the reading with its reason', async () => {
  const reason = new SyncError('CANCELLED', 'test');
  const signal = AbortSignal.abort(reason);
  await expect(inspectForeignDump(inChunks(Buffer.from(dump), 10), { signal })).rejects.toBe(reason);
});
