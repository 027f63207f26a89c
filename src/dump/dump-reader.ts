import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import { SyncError } from '../errors/sync-error.ts';
import { storageError } from './files.ts';
import { dumpFormatVersion, manifestSchema, unseal } from './manifest.ts';
import type { Manifest, ManifestObject, Segment } from './manifest.ts';
import { tableName } from '../lib/table-name.ts';

const readBytes = 64 * 1024;

/**
 * Parses a manifest's text. Errors: STORAGE_DUMP_NEWER (written by a newer version), STORAGE_DUMP_DAMAGED (not a
 * manifest, or one that contradicts itself), STORAGE_DUMP_INCOMPLETE (its segments leave a gap).
 */
export function parseManifest(text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SyncError('STORAGE_DUMP_DAMAGED', 'The manifest is not valid JSON.', { cause: error });
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > dumpFormatVersion) {
    throw new SyncError(
      'STORAGE_DUMP_NEWER',
      `The dump has format ${version}; this version reads up to ${dumpFormatVersion}.`,
    );
  }
  const { manifest, whole } = unseal((json ?? {}) as Record<string, unknown>);
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SyncError(
      'STORAGE_DUMP_DAMAGED',
      `The manifest is not valid at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}.`,
    );
  }
  checkCoverage(parsed.data);
  // Last, as the others say better what is wrong.
  if (!whole)
    throw new SyncError(
      'STORAGE_DUMP_DAMAGED',
      'The manifest differs from what was written: an entry is missing or was changed.',
    );
  return parsed.data;
}

/** Segments follow each other from the first byte to the last, and each table's blocks hold all of its rows. */
function checkCoverage(manifest: Manifest): void {
  let offset = 0;
  const rows = new Map(manifest.tables.map(({ id }) => [id, 0]));
  for (const segment of manifest.segments) {
    if (segment.offset !== offset) {
      throw new SyncError(
        'STORAGE_DUMP_INCOMPLETE',
        `The manifest covers nothing between byte ${offset} and byte ${segment.offset}: an entry is missing.`,
      );
    }
    offset += segment.bytes;
    if (segment.section !== 'data') continue;
    const counted = rows.get(segment.table ?? '');
    if (counted === undefined)
      throw new SyncError(
        'STORAGE_DUMP_DAMAGED',
        `The manifest has a data block of an unknown table at byte ${segment.offset}.`,
      );
    rows.set(segment.table ?? '', counted + (segment.rows ?? 0));
  }
  if (offset !== manifest.file.bytes) {
    throw new SyncError(
      'STORAGE_DUMP_INCOMPLETE',
      `The manifest covers ${offset} of ${manifest.file.bytes} bytes: an entry is missing.`,
    );
  }
  for (const table of manifest.tables) {
    if (rows.get(table.id) !== table.rows) {
      throw new SyncError(
        'STORAGE_DUMP_INCOMPLETE',
        `The manifest lists ${rows.get(table.id) ?? 0} of ${table.rows} rows of table ${tableName(table)}: an ` +
          'entry is missing.',
      );
    }
  }
  const objects = manifest.segments
    .filter(({ part }) => part === 'objects')
    .reduce((sum, segment) => sum + (segment.rows ?? 0), 0);
  if (objects !== manifest.largeObjects.objects) {
    throw new SyncError(
      'STORAGE_DUMP_INCOMPLETE',
      `The manifest lists ${objects} of ${manifest.largeObjects.objects} large objects: an entry is missing.`,
    );
  }
  for (const section of ['pre-data', 'post-data'] as const) {
    if (manifest.segments.filter((segment) => segment.section === section).length !== 1) {
      throw new SyncError(
        'STORAGE_DUMP_INCOMPLETE',
        `The manifest must have exactly one ${section} segment.`,
      );
    }
  }
}

/**
 * Reads segments of one dump file. Each byte that leaves is covered by its segment's checksum: a stream whose bytes
 * differ from what was written ends with STORAGE_DUMP_DAMAGED. Memory: a few read buffers per open stream.
 */
export class DumpReader implements AsyncDisposable {
  readonly manifest: Manifest;
  readonly #file: FileHandle;

  private constructor(manifest: Manifest, file: FileHandle) {
    this.manifest = manifest;
    this.#file = file;
  }

  /** Opens the file and compares its size with the manifest (STORAGE_DUMP_INCOMPLETE, STORAGE_DUMP_DAMAGED). */
  static async open(path: string, manifest: Manifest): Promise<DumpReader> {
    let file: FileHandle;
    try {
      file = await open(path, 'r');
    } catch (error) {
      throw storageError(error, 'Opening the dump file');
    }
    const size = await file.stat().then(
      (found) => found.size,
      async (error: unknown) => {
        await file.close();
        throw storageError(error, 'Opening the dump file');
      },
    );
    if (size === manifest.file.bytes) return new DumpReader(manifest, file);
    await file.close();
    throw size < manifest.file.bytes
      ? new SyncError(
          'STORAGE_DUMP_INCOMPLETE',
          `The dump file has ${size} of ${manifest.file.bytes} bytes: it is cut off.`,
        )
      : new SyncError(
          'STORAGE_DUMP_DAMAGED',
          `The dump file has ${size} bytes instead of ${manifest.file.bytes}.`,
        );
  }

  /** The raw (decompressed) bytes of a segment, checked on the way. */
  segment(segment: Segment): Readable {
    const stored = Readable.from(this.#stored(segment), { objectMode: false });
    if (this.manifest.options.compression === 'none') return stored;
    const gunzip = createGunzip();
    pipeline(stored, gunzip).catch((error: unknown) => {
      gunzip.destroy(error instanceof SyncError ? error : damaged(segment, error));
    });
    return gunzip;
  }

  /** A block's bytes without what stands around them: the rows of a COPY, or statements about large objects. */
  rows(segment: Segment): Readable {
    const from = segment.headBytes ?? 0;
    const to = segment.rawBytes - (segment.tailBytes ?? 0);
    let at = 0;
    const window = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const part = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
        at += chunk.length;
        done(null, part.length === 0 ? undefined : part);
      },
      flush(done) {
        done(at === segment.rawBytes ? null : damaged(segment));
      },
    });
    pipeline(this.segment(segment), window).catch((error: unknown) => window.destroy(error as Error));
    return window;
  }

  /** The SQL text of objects of one section; whole, as schemas are small beside rows. */
  async sqlOf(section: 'pre-data' | 'post-data'): Promise<(object: ManifestObject) => string> {
    const segment = this.manifest.segments.find((candidate) => candidate.section === section);
    if (segment === undefined)
      throw new SyncError('STORAGE_DUMP_INCOMPLETE', `The dump has no ${section} segment.`);
    const chunks: Buffer[] = [];
    for await (const chunk of this.segment(segment)) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks);
    if (text.length !== segment.rawBytes) throw damaged(segment);
    return ({ sqlOffset, sqlBytes }) => text.toString('utf8', sqlOffset, sqlOffset + sqlBytes);
  }

  /**
   * Reads the whole file and compares its SHA-256, and each segment's checksum. STORAGE_DUMP_DAMAGED on any difference.
   */
  async verify(
    options: { readonly signal?: AbortSignal; readonly onRead?: (bytes: number) => void } = {},
  ): Promise<void> {
    const hash = createHash('sha256');
    for (const segment of this.manifest.segments) {
      for await (const chunk of this.#stored(segment)) {
        options.signal?.throwIfAborted();
        hash.update(chunk);
        options.onRead?.(chunk.length);
      }
    }
    if (hash.digest('hex') !== this.manifest.file.sha256) {
      throw new SyncError('STORAGE_DUMP_DAMAGED', 'The dump file differs from its SHA-256 in the manifest.');
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#stored(segment: Segment): AsyncGenerator<Buffer> {
    let crc = 0;
    for (let done = 0; done < segment.bytes;) {
      const buffer = Buffer.allocUnsafe(Math.min(readBytes, segment.bytes - done));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, segment.offset + done);
      if (bytesRead === 0) throw damaged(segment);
      done += bytesRead;
      const chunk = buffer.subarray(0, bytesRead);
      crc = crc32(chunk, crc);
      // The last bytes leave only after the sum is right, so that nobody takes a damaged segment for a whole one.
      if (done >= segment.bytes && crc.toString(16).padStart(8, '0') !== segment.crc32)
        throw damaged(segment);
      yield chunk;
    }
  }
}

function damaged(segment: Segment, cause?: unknown): SyncError {
  const end = segment.offset + segment.bytes;
  return new SyncError(
    'STORAGE_DUMP_DAMAGED',
    `The dump file differs from what was written between byte ${segment.offset} and byte ${end}.`,
    { cause },
  );
}
