import { randomBytes } from 'node:crypto';
import { copyFile, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseManifest } from '../../../src/dump/dump-reader.ts';
import { manifestText } from '../../../src/dump/manifest.ts';
import type { Manifest } from '../../../src/dump/manifest.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { runJob } from '../../../src/sync/verbs/run-job.ts';
import { pgDump, psql } from '../../support/client-tools.ts';
import { lacks } from '../../support/lacks.ts';
import { createMultiboard } from '../../support/multiboard.ts';
import { testDatabase } from '../../support/postgres.ts';
import { createBench, expectEqual, stateOf } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

let bench: Bench;
let before: Record<string, unknown>;
let original: string;

beforeAll(async () => {
  bench = await createBench();
  await bench.source.query(
    `CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE a (id serial PRIMARY KEY, t text, m mood DEFAULT 'ok'); CREATE INDEX by_t ON a (t); CREATE TABLE b (a int REFERENCES a);
     INSERT INTO a (t) SELECT repeat(md5(g::text), 10) FROM generate_series(1, 12000) AS g; INSERT INTO b SELECT g FROM generate_series(1, 100) AS g`,
  );
  await bench.target.query(
    `CREATE TABLE mine (id int PRIMARY KEY, t text); INSERT INTO mine VALUES (1, 'kept as it is')`,
  );
  original = join(bench.directory, 'original.sql');
  await bench.export({ output: original, compression: 'none' });
  before = await stateOf(bench.target);
});

test('a dump and its folders are for their owner alone', async () => {
  const { dump } = await bench.export();
  const paths = [dump!.file, dump!.manifest, bench.config.directories.dumps, bench.directory];
  const modes = await Promise.all(paths.map(async (path) => ((await stat(path)).mode & 0o777).toString(8)));
  expect(modes).toEqual(['600', '600', '700', '700']);
});

test('a rule with a slip stops an import, and one that names no table is told', async () => {
  const stopped = new AbortController();
  const logs: string[] = [];
  const importing = (table: string): Promise<unknown> =>
    runJob(
      {
        config: { ...bench.config, tablePolicies: [{ table, policy: 'preserve', said: 'file:1' }] },
        now: Date.now,
      },
      { kind: 'import', input: { dump: { file: original }, target: 'dst', confirm: 'dst' } },
      {
        jobId: `rules-${table}`,
        signal: stopped.signal,
        emit: (event) => {
          if (event.type === 'log') logs.push(event.message);
          else if (event.progress.steps.some(({ id, state }) => id === 'backup' && state === 'running'))
            stopped.abort(new SyncError('CANCELLED', 'enough'));
        },
      },
    );
  const slip = await failure(importing('Mine'));
  expect([slip.code, slip.message]).toEqual([
    'CONFIG_INVALID',
    expect.stringContaining('did you mean "mine"?'),
  ]);
  expect((await failure(importing('orders'))).code).toBe('CANCELLED');
  expect(logs).toContain('file:1: "orders" (preserve) names no table of either end.');
  expect(await stateOf(bench.target)).toEqual(before);
});

/** A copy of the dump, spoiled. */
async function spoiled(
  spoil: (file: string, manifest: string) => Promise<void>,
  suffix = '.sql',
): Promise<string> {
  const file = join(bench.directory, `${randomBytes(4).toString('hex')}${suffix}`);
  await copyFile(original, file);
  await copyFile(`${original}.manifest.json`, `${file}.manifest.json`);
  await spoil(file, `${file}.manifest.json`);
  return file;
}

async function edit(path: string, change: (manifest: Manifest) => Manifest, seal: boolean): Promise<void> {
  const text = await readFile(path, 'utf8');
  const changed = change(seal ? parseManifest(text) : (JSON.parse(text) as Manifest));
  await writeFile(path, seal ? manifestText(changed) : JSON.stringify(changed));
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, at);
  await file.close();
}

async function refused(file: string): Promise<string> {
  const error = await failure(bench.import({ file }, 'replace'));
  expect(error.message).not.toContain('kept as it is');
  expect(await stateOf(bench.target)).toEqual(before);
  return error.code;
}

describe('a damaged dump of ours is refused, and changes nothing', () => {
  test.each([
    ['its last byte missing', (size: number) => size - 1],
    ['half of it missing', (size: number) => Math.floor(size / 2)],
    ['all of it missing', () => 0],
  ])('%s', async (_, length) => {
    const { size } = await (await open(original, 'r')).stat();
    expect(await refused(await spoiled((file) => truncate(file, length(size))))).toBe(
      'STORAGE_DUMP_INCOMPLETE',
    );
  });

  test.each([0, 0.2, 0.5, 0.9, 0.99999])('a flipped bit at %d of it', async (place) => {
    const handle = await open(original, 'r');
    const { size } = await handle.stat();
    await handle.close();
    expect(await refused(await spoiled((file) => flipByte(file, Math.floor(size * place))))).toBe(
      'STORAGE_DUMP_DAMAGED',
    );
  });

  test('something behind its end', async () => {
    expect(await refused(await spoiled((file) => writeFile(file, 'DROP TABLE mine;\n', { flag: 'a' })))).toBe(
      'STORAGE_DUMP_DAMAGED',
    );
  });

  const without = <T>(list: readonly T[], index: number): T[] => list.toSpliced(index, 1);
  test.each<[string, (manifest: Manifest) => Manifest, string]>([
    ['a block', (m) => ({ ...m, segments: without(m.segments, 2) }), 'STORAGE_DUMP_INCOMPLETE'],
    ['the last segment', (m) => ({ ...m, segments: m.segments.slice(0, -1) }), 'STORAGE_DUMP_INCOMPLETE'],
    ['a table', (m) => ({ ...m, tables: m.tables.slice(1) }), 'STORAGE_DUMP_DAMAGED'],
    [
      'an object',
      (m) => ({ ...m, objects: m.objects.filter(({ kind }) => kind !== 'index') }),
      'STORAGE_DUMP_DAMAGED',
    ],
    [
      'a foreign key',
      (m) => ({ ...m, objects: m.objects.filter(({ kind }) => kind !== 'foreign key') }),
      'STORAGE_DUMP_DAMAGED',
    ],
    ['a sequence', (m) => ({ ...m, sequences: [] }), 'STORAGE_DUMP_DAMAGED'],
    [
      'a digest',
      (m) => ({ ...m, tables: m.tables.map((table) => ({ ...table, digest: null })) }),
      'STORAGE_DUMP_DAMAGED',
    ],
    ['the format version', ({ formatVersion: _version, ...m }) => m as Manifest, 'STORAGE_DUMP_DAMAGED'],
  ])('its manifest lacks %s', async (_name, change, code) => {
    expect(await refused(await spoiled((_file, manifest) => edit(manifest, change, false)))).toBe(code);
  });

  test('a manifest that says other rows than the file has', async () => {
    const digest = (m: Manifest): Manifest => ({
      ...m,
      tables: m.tables.map((table) =>
        table.digest === null
          ? table
          : { ...table, digest: { ...table.digest, sumLow: `${BigInt(table.digest.sumLow) + 1n}` } },
      ),
    });
    expect(await refused(await spoiled((_file, manifest) => edit(manifest, digest, true)))).toBe(
      'MISMATCH_TABLES',
    );
  });

  test('a newer format', async () => {
    const newer = (m: Manifest): Manifest => ({ ...m, formatVersion: 2 as 1, unknown: 'things' }) as Manifest;
    expect(await refused(await spoiled((_file, manifest) => edit(manifest, newer, false)))).toBe(
      'STORAGE_DUMP_NEWER',
    );
  });

  test('a manifest that is no JSON', async () => {
    expect(await refused(await spoiled((_file, manifest) => truncate(manifest, 100)))).toBe(
      'STORAGE_DUMP_DAMAGED',
    );
  });
});

describe('a file of somebody else is refused when it is not a whole plain dump, and changes nothing', () => {
  const plain = `--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\nCREATE TABLE public.x (t text);\nCOPY public.x (t) FROM stdin;\nGröße\n\\.\n\n--\n-- PostgreSQL database dump complete\n--\n`;
  test.each<[string, string | Buffer, string]>([
    ['nothing in it', '', 'STORAGE_DUMP_INCOMPLETE'],
    [
      'no end',
      plain.slice(0, plain.indexOf('--\n-- PostgreSQL database dump complete')),
      'STORAGE_DUMP_INCOMPLETE',
    ],
    ['an end inside rows', plain.slice(0, plain.indexOf('\\.')), 'STORAGE_DUMP_INCOMPLETE'],
    ['an end inside a string', `${plain}INSERT INTO public.x VALUES ('half`, 'STORAGE_DUMP_INCOMPLETE'],
    ['a psql command', `${plain}\\! touch /tmp/owned\n`, 'STORAGE_DUMP_FOREIGN'],
    ['a psql command that connects elsewhere', `\\connect other\n${plain}`, 'STORAGE_DUMP_FOREIGN'],
    [
      'a psql command behind a statement',
      plain.replace('(t text);', '(t text) \\gexec\n;'),
      'STORAGE_DUMP_FOREIGN',
    ],
    [
      'a statement that reaches beyond the database',
      `${plain}DROP DATABASE postgres;\n`,
      'STORAGE_DUMP_FOREIGN',
    ],
    ['bytes that are not UTF-8', Buffer.from(plain, 'latin1'), 'STORAGE_DUMP_ENCODING'],
    ['UTF-16', Buffer.from(plain, 'utf16le'), 'STORAGE_DUMP_ENCODING'],
    ['an encoding that nobody knows', plain.replace(`'UTF8'`, `'UTF9'`), 'STORAGE_DUMP_ENCODING'],
    ['a gzip file cut off', gzipSync(plain).subarray(0, -10), 'STORAGE_DUMP_INCOMPLETE'],
    ['a row that does not fit', plain.replace('t text', 't int'), 'TARGET_COPY_FAILED'],
    [
      'a statement that fails',
      `${plain}COMMENT ON TABLE public.missing IS 'x';\n`,
      'TARGET_STATEMENT_FAILED',
    ],
  ])('%s', async (_, content, code) => {
    const file = join(bench.directory, `${randomBytes(4).toString('hex')}.sql`);
    await writeFile(file, content);
    expect(await refused(file)).toBe(code);
  });

  test('our own dump without its manifest, cut between two statements', async () => {
    const text = await readFile(original, 'utf8');
    const file = join(bench.directory, 'cut.sql');
    await writeFile(file, text.slice(0, text.lastIndexOf('--\n-- foreign key')));
    expect(await refused(file)).toBe('STORAGE_DUMP_INCOMPLETE');
  });

  test('no file at all', async () => {
    expect(await refused(join(bench.directory, 'nothing.sql'))).toBe('STORAGE_UNUSABLE');
  });

  test.skipIf(lacks('client-tools')).each(['custom', 'tar', 'directory'])(
    'pg_dump’s %s format',
    async (format) => {
      const file = join(bench.directory, `dump.${format}`);
      const { code } = await pgDump(bench.source.url, [`--format=${format}`, `--file=${file}`]);
      expect(code).toBe(0);
      expect(await refused(file)).toBe('STORAGE_DUMP_FOREIGN');
    },
  );
});

describe.skipIf(lacks('client-tools'))('a plain dump of pg_dump 18 is imported, and equal', () => {
  let shop: Bench;
  beforeAll(async () => {
    shop = await createBench();
    await createMultiboard(shop.source.url, { parts: 100 });
  });

  // Each way of writing one by itself is read in test/foreign.
  test.each<[string, readonly string[], boolean]>([
    ['gzipped, as it comes', ['--compress=gzip'], true],
    [
      'with DROPs before, and many rows an INSERT',
      ['--clean', '--if-exists', '--rows-per-insert=50', '--column-inserts'],
      false,
    ],
  ])('%s', async (_, options, gzipped) => {
    const file = join(shop.directory, `${randomBytes(4).toString('hex')}.sql${gzipped ? '.gz' : ''}`);
    const { code, stderr } = await pgDump(shop.source.url, [...options, `--file=${file}`]);
    expect([code, stderr]).toEqual([0, '']);
    await shop.import({ file }, 'replace', { backup: 'kept' });
    // What pg_dump itself loses (-0 as an unquoted number, what a table needs when it is dumped alone) psql loses too.
    const restored = await testDatabase('restored');
    const restore = gzipped
      ? await psql(restored.url, ['--quiet'], { input: gunzipSync(await readFile(file)) })
      : await psql(restored.url, ['--quiet', `--file=${file}`]);
    expect(restore.code).toBe(0);
    await expectEqual(await createBench({ source: restored, target: shop.target }));
    if (gzipped) await expectEqual(shop);
  });
});
