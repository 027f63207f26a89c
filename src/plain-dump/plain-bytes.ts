import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SyncError } from '../errors/sync-error.ts';

/** Enough to know every format by: tar has its mark at byte 257. */
const headBytes = 512;
const gunzipChunkBytes = 256 * 1024;

type Format = { readonly name: string; readonly hint: string };

/** What a person does with a dump that is not plain. */
export const restoreHint = 'Turn it into plain SQL (pg_restore --file=dump.sql FILE) and import that.';
const decompressHint = (tool: string): string =>
  `Decompress it (${tool}) and import the result, or use gzip.`;

const formats: readonly (Format & { readonly at: number; readonly mark: Buffer })[] = [
  { at: 0, mark: Buffer.from('PGDMP'), name: 'a dump in pg_dump’s custom format', hint: restoreHint },
  { at: 257, mark: Buffer.from('ustar'), name: 'a tar archive', hint: restoreHint },
  { at: 0, mark: Buffer.from('PK\u0003\u0004'), name: 'a zip archive', hint: decompressHint('unzip') },
  {
    at: 0,
    mark: Buffer.from('28b52ffd', 'hex'),
    name: 'compressed with zstd',
    hint: decompressHint('unzstd'),
  },
  { at: 0, mark: Buffer.from('04224d18', 'hex'), name: 'compressed with lz4', hint: decompressHint('unlz4') },
  {
    at: 0,
    mark: Buffer.from('fd377a585a00', 'hex'),
    name: 'compressed with xz',
    hint: decompressHint('unxz'),
  },
  { at: 0, mark: Buffer.from('BZh'), name: 'compressed with bzip2', hint: decompressHint('bunzip2') },
];
const gzipMark = Buffer.from('1f8b', 'hex');
const utf16Marks = [Buffer.from('fffe', 'hex'), Buffer.from('feff', 'hex')];

/**
 * The bytes of a plain SQL file, decompressed where they are gzip (any number of members). Memory: a few chunks.
 * Errors: STORAGE_DUMP_FOREIGN (another format, with the remedy), STORAGE_DUMP_ENCODING (UTF-16),
 * STORAGE_DUMP_INCOMPLETE (empty, or gzip that ends early), STORAGE_DUMP_DAMAGED (gzip whose bytes are wrong). The
 * source's own errors pass.
 */
export async function* plainBytes(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const [head, chunks] = await withHead(source);
  if (!head.subarray(0, gzipMark.length).equals(gzipMark)) {
    refuseOtherFormats(head);
    yield* chunks;
    return;
  }
  const [plainHead, plainChunks] = await withHead(gunzip(chunks));
  refuseOtherFormats(plainHead);
  yield* plainChunks;
}

/** The first bytes, and everything from the first byte on. */
async function withHead(source: AsyncIterable<Buffer>): Promise<[Buffer, AsyncIterable<Buffer>]> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let bytes = 0;
  while (bytes < headBytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    bytes += next.value.length;
  }
  const rest: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => iterator };
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield* first;
      yield* rest;
    } finally {
      await iterator.return?.();
    }
  }
  return [Buffer.concat(first), all()];
}

function refuseOtherFormats(head: Buffer): void {
  if (head.length === 0) throw new SyncError('STORAGE_DUMP_INCOMPLETE', 'The file is empty.');
  for (const { at, mark, name, hint } of formats) {
    if (head.subarray(at, at + mark.length).equals(mark)) {
      throw new SyncError('STORAGE_DUMP_FOREIGN', `The file is ${name}, not plain SQL.`, { hint });
    }
  }
  if (utf16Marks.some((mark) => head.subarray(0, 2).equals(mark)) || head.includes(0)) {
    throw new SyncError('STORAGE_DUMP_ENCODING', 'The file is UTF-16 or binary, not SQL in UTF-8.');
  }
}

async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unzipped = createGunzip({ chunkSize: gunzipChunkBytes });
  // Its failure destroys `unzipped`, and so reaches the loop below.
  const feeding = pipeline(Readable.from(chunks, { objectMode: false }), unzipped);
  feeding.catch(() => {});
  try {
    for await (const chunk of unzipped) yield chunk as Buffer;
  } catch (error) {
    throw gunzipError(error);
  }
}

function gunzipError(error: unknown): unknown {
  const { code } = error as { readonly code?: unknown };
  if (code === 'Z_BUF_ERROR') {
    return new SyncError('STORAGE_DUMP_INCOMPLETE', 'The gzip file ends before its content does.', {
      cause: error,
    });
  }
  if (code === 'Z_DATA_ERROR') {
    return new SyncError('STORAGE_DUMP_DAMAGED', 'The gzip file is damaged: its bytes do not decompress.', {
      cause: error,
    });
  }
  return error;
}
