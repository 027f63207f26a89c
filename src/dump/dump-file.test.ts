import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import { writeTable } from './copy-table.ts';
import { DumpFileWriter } from './dump-file-writer.ts';
import { DumpReader, parseManifest } from './dump-reader.ts';
import { manifestText } from './manifest.ts';
import type { Manifest, ManifestTable } from './manifest.ts';
import { removePartialDumps } from './store.ts';

const table: ManifestTable = {
  id: 'table:1',
  schema: 'public',
  name: 'Part',
  columns: [{ name: 'id', type: 'text', notNull: true, generated: false, hasDefault: false }],
  keyColumns: ['id'],
  content: 'rows',
  rows: 0,
  rawBytes: 0,
  digest: null,
  loadThrough: null,
  extensionConfig: false,
  condition: null,
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mbs-dump-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function writeDump(
  compression: 'none' | 'gzip',
  rows: Buffer,
): Promise<{ path: string; manifest: Manifest }> {
  const path = join(directory, 'a.sql');
  const writer = await DumpFileWriter.create({ path, compression, maxBytes: 2 ** 40 });
  await writer.append({ section: 'pre-data' }, [Buffer.from('SELECT 1;\n')]);
  const written = await writeTable(writer, table, Readable.from(chunks(rows)), () => {});
  await writer.append({ section: 'post-data' }, [Buffer.from('SELECT 2;\n')]);
  const { segments, ...file } = await writer.finish();
  const manifest: Manifest = parseManifest(
    manifestText({
      formatVersion: 1,
      dumpId: 'a',
      purpose: 'export',
      createdBy: 'test',
      jobId: null,
      source: {
        environment: 'e',
        database: 'd',
        systemIdentifier: null,
        serverVersion: '18',
        serverVersionNum: 180004,
        encoding: 'UTF8',
        collation: 'C',
        characterType: 'C',
      },
      snapshot: { takenAt: '2026-11-22T00:00:00.000Z', lsn: null },
      options: { compression, workers: 1 },
      file: { name: 'a.sql', ...file },
      rows: written.rows,
      rawBytes: written.rawBytes,
      durationMs: 1,
      extensions: [{ name: 'plpgsql', version: '1.0' }],
      objects: [],
      tables: [{ ...table, ...written }],
      sequences: [],
      largeObjects: { content: 'rows', objects: 0, bytes: 0, roles: [], digest: null },
      segments: [...segments],
    }),
  );
  return { path, manifest };
}

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SyncError) return error.code;
    throw error;
  }
  return 'no error';
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const someRows = Buffer.from(
  Array.from({ length: 300_000 }, (_, row) => `${row}\twert ${row % 97}\n`).join(''),
);

describe.each(['none', 'gzip'] as const)('compression %s', (compression) => {
  test('what was written is read back, block by block', async () => {
    const { path, manifest } = await writeDump(compression, someRows);
    await using reader = await DumpReader.open(path, manifest);
    await reader.verify();
    const blocks = manifest.segments.filter(({ section }) => section === 'data');
    expect(blocks.length).toBeGreaterThan(3);
    const parts: Buffer[] = [];
    for (const block of blocks) parts.push(await readAll(reader.rows(block)));
    expect(Buffer.concat(parts).equals(someRows)).toBe(true);
  });

  test('the file is one plain SQL text, private to its owner', async () => {
    const { path, manifest } = await writeDump(compression, Buffer.from('1\n2\n'));
    const stored = await readFile(path);
    const text = (compression === 'gzip' ? gunzipSync(stored) : stored).toString();
    expect(text).toBe('SELECT 1;\nCOPY "public"."Part" ("id") FROM stdin;\n1\n2\n\\.\n\nSELECT 2;\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(manifest.rows).toBe(2);
  });

  test('a row longer than a block goes through without being held', async () => {
    const long = Buffer.concat([Buffer.alloc(9 * 1024 * 1024, 'x'), Buffer.from('\n')]);
    const path = join(directory, 'long.sql');
    const writer = await DumpFileWriter.create({ path, compression, maxBytes: 2 ** 40 });
    const source = Readable.from(chunks(long));
    const written = await writeTable(writer, table, source, () => {});
    const { segments } = await writer.finish();
    expect(written).toEqual({ rows: 1, rawBytes: long.length });
    expect(segments.length).toBe(1);
    expect(segments[0]?.rows).toBe(1);
  });

  test.each([
    [
      'a flipped byte',
      async (path: string) => {
        const bytes = await readFile(path);
        bytes[Math.floor(bytes.length / 2)]! ^= 1;
        await writeFile(path, bytes);
      },
      'STORAGE_DUMP_DAMAGED',
    ],
    [
      'a cut file',
      async (path: string) => truncate(path, (await stat(path)).size - 7),
      'STORAGE_DUMP_INCOMPLETE',
    ],
    ['a grown file', async (path: string) => writeFile(path, 'x', { flag: 'a' }), 'STORAGE_DUMP_DAMAGED'],
  ])('%s is found', async (_name, damage, code) => {
    const { path, manifest } = await writeDump(compression, someRows);
    await damage(path);
    const check = async (): Promise<void> => {
      await using reader = await DumpReader.open(path, manifest);
      await reader.verify();
    };
    expect(await codeOf(check())).toBe(code);
  });

  test('a flipped byte in a block ends that block’s stream with an error', async () => {
    const { path, manifest } = await writeDump(compression, someRows);
    const block = manifest.segments.find(({ section }) => section === 'data')!;
    const bytes = await readFile(path);
    bytes[block.offset + Math.floor(block.bytes / 2)]! ^= 1;
    await writeFile(path, bytes);
    await using reader = await DumpReader.open(path, manifest);
    expect(await codeOf(readAll(reader.rows(block)))).toBe('STORAGE_DUMP_DAMAGED');
  });
});

test('a file larger than allowed is refused and leaves nothing behind', async () => {
  const path = join(directory, 'big.sql');
  const writer = await DumpFileWriter.create({ path, compression: 'none', maxBytes: 1000 });
  expect(await codeOf(writer.append({ section: 'pre-data' }, [Buffer.alloc(1001)]))).toBe('STORAGE_FULL');
  expect(await codeOf(writer.append({ section: 'pre-data' }, [Buffer.alloc(1)]))).toBe('STORAGE_FULL');
  await writer.discard();
  expect((await readdir(directory)).filter((name) => name.startsWith('big.sql'))).toEqual([]);
});

test('two attempts at one dump do not touch each other’s files', async () => {
  const input = { path: join(directory, 'twice.sql'), compression: 'none', maxBytes: 1000 } as const;
  const names = async (): Promise<readonly string[]> =>
    (await readdir(directory)).filter((name) => name.startsWith('twice.sql'));
  const stalled = await DumpFileWriter.create(input);
  await stalled.append({ section: 'pre-data' }, [Buffer.from('old')]);
  const second = await DumpFileWriter.create(input);
  await second.append({ section: 'pre-data' }, [Buffer.from('new')]);
  expect(await names()).toHaveLength(2);
  await second.finish();
  await stalled.discard();
  expect(await names()).toEqual(['twice.sql']);
  expect(await readFile(input.path, 'utf8')).toBe('new');
  await second.discard();
  expect(await names()).toEqual([]);
});

test('what an attempt that died left is found by the dump’s id', async () => {
  const dumps = await mkdtemp(join(directory, 'dumps-'));
  const path = join(dumps, 'env-export-job.sql');
  await (await DumpFileWriter.create({ path, compression: 'none', maxBytes: 1000 })).finish();
  const killed = await DumpFileWriter.create({ path, compression: 'none', maxBytes: 1000 });
  const directories = { data: dumps, dumps, backups: dumps };
  await removePartialDumps({ directories }, ['env-export-other']);
  expect(await readdir(dumps)).toHaveLength(2);
  await writeFile(`${path}.manifest.json`, '{}');
  await removePartialDumps({ directories }, ['env-export-job']);
  expect((await readdir(dumps)).sort()).toEqual(['env-export-job.sql', 'env-export-job.sql.manifest.json']);
  await rm(`${path}.manifest.json`);
  await removePartialDumps({ directories }, ['env-export-job']);
  expect(await readdir(dumps)).toEqual([]);
  await killed.discard();
});

test.each([
  ['not JSON', () => 'x', 'STORAGE_DUMP_DAMAGED'],
  [
    'a newer format',
    (text: string) => text.replace('"formatVersion":1', '"formatVersion":2'),
    'STORAGE_DUMP_NEWER',
  ],
  [
    'a missing block',
    (text: string) =>
      edit(text, (manifest) => ({
        ...manifest,
        segments: manifest.segments.filter(({ section }) => section !== 'data'),
      })),
    'STORAGE_DUMP_INCOMPLETE',
  ],
  [
    'a missing end',
    (text: string) => edit(text, (manifest) => ({ ...manifest, segments: manifest.segments.slice(0, -1) })),
    'STORAGE_DUMP_INCOMPLETE',
  ],
  [
    'a missing extension',
    (text: string) => edit(text, (manifest) => ({ ...manifest, extensions: [] })),
    'STORAGE_DUMP_DAMAGED',
  ],
  [
    'a changed number',
    (text: string) => edit(text, (manifest) => ({ ...manifest, durationMs: 2 })),
    'STORAGE_DUMP_DAMAGED',
  ],
  ['no checksum', (text: string) => text.replace('manifestSha256', 'manifestSha1'), 'STORAGE_DUMP_DAMAGED'],
  [
    'an unknown key',
    (text: string) => edit(text, (manifest) => ({ ...manifest, extra: 1 }) as Manifest),
    'STORAGE_DUMP_DAMAGED',
  ],
])('a manifest with %s is refused', async (_name, change, code) => {
  const { manifest } = await writeDump('none', Buffer.from('1\n'));
  expect(await codeOf(Promise.resolve().then(() => parseManifest(change(manifestText(manifest)))))).toBe(
    code,
  );
});

function edit(text: string, change: (manifest: Manifest) => Manifest): string {
  return JSON.stringify(change(JSON.parse(text) as Manifest));
}
