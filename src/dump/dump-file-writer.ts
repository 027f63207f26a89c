import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, crc32 } from 'node:zlib';
import { SyncError } from '../errors/sync-error.ts';
import { fsyncDirectory } from '../lib/durable-file.ts';
import { storageError } from './files.ts';
import type { Segment } from './manifest.ts';

/** Level 1: on the same rows about three times as fast as level 6 for a tenth more bytes. */
const gzipOptions = { level: 1 } as const;

export interface DumpFileInput {
  /** Final path; written as `<path>.<writer>.partial` until `finish`: an attempt that lives on has another name. */
  readonly path: string;
  readonly compression: 'none' | 'gzip';
  /** Bytes as stored; one more is STORAGE_FULL. */
  readonly maxBytes: number;
}

export type SegmentFacts = Omit<Segment, 'offset' | 'bytes' | 'crc32' | 'rawBytes'>;

/**
 * Appends segments to one dump file. Any number of readers may call `append` at once: segments are stored one after
 * the other, whole. Compression runs beside the writing. Memory: the buffers the callers hand in.
 *
 * Life: `create` → `append`… → `finish` (fsync, rename) or `discard` (remove). Errors: STORAGE_FULL, STORAGE_UNUSABLE.
 */
export class DumpFileWriter {
  readonly #input: DumpFileInput;
  readonly #partial: string;
  readonly #file: FileHandle;
  #renamed = false;
  readonly #hash = createHash('sha256');
  readonly #segments: Segment[] = [];
  #bytes = 0;
  #last: Promise<void> = Promise.resolve();

  private constructor(input: DumpFileInput, partial: string, file: FileHandle) {
    this.#input = input;
    this.#partial = partial;
    this.#file = file;
  }

  static async create(input: DumpFileInput): Promise<DumpFileWriter> {
    const partial = `${input.path}.${randomBytes(6).toString('hex')}.partial`;
    try {
      return new DumpFileWriter(input, partial, await open(partial, 'wx', 0o600));
    } catch (error) {
      throw storageError(error, 'Creating the dump file');
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Stores one segment that the caller holds whole, in pieces. */
  async append(facts: SegmentFacts, parts: readonly Buffer[]): Promise<void> {
    const stored = this.#input.compression === 'gzip' ? await compress(parts) : parts;
    await this.#exclusively(async () => {
      const offset = this.#bytes;
      await this.#write(stored);
      this.#segments.push({
        ...facts,
        offset,
        bytes: this.#bytes - offset,
        crc32: hex(stored.reduce((crc, part) => crc32(part, crc), 0)),
        rawBytes: lengthOf(parts),
      });
    });
  }

  /**
   * Stores one segment from a stream of buffers, holding none of them: for a row longer than a block. Nobody else
   * writes meanwhile. `facts` is asked for at the end, when the rows are counted.
   */
  async appendStream(parts: AsyncIterable<Buffer>, facts: () => SegmentFacts): Promise<void> {
    await this.#exclusively(async () => {
      const offset = this.#bytes;
      let rawBytes = 0;
      let crc = 0;
      const store = async (stored: Buffer): Promise<void> => {
        crc = crc32(stored, crc);
        await this.#write([stored]);
      };
      if (this.#input.compression === 'none') {
        for await (const part of parts) {
          rawBytes += part.length;
          await store(part);
        }
      } else {
        const compressor = createGzip(gzipOptions);
        const feeding = (async () => {
          for await (const part of parts) {
            rawBytes += part.length;
            if (!compressor.write(part)) await drained(compressor);
          }
          compressor.end();
        })();
        // A failing source must end the loop below too.
        feeding.catch((error: unknown) => compressor.destroy(error as Error));
        for await (const stored of compressor) await store(stored as Buffer);
        await feeding;
      }
      this.#segments.push({ ...facts(), offset, bytes: this.#bytes - offset, crc32: hex(crc), rawBytes });
    });
  }

  /** Makes the file durable under its final name. */
  async finish(): Promise<{
    readonly bytes: number;
    readonly sha256: string;
    readonly segments: readonly Segment[];
  }> {
    await this.#last;
    try {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#partial, this.#input.path);
      this.#renamed = true;
      await fsyncDirectory(this.#input.path);
    } catch (error) {
      throw storageError(error, 'Finishing the dump file');
    }
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex'), segments: this.#segments };
  }

  /** Removes what was written; for every way out but `finish`. */
  async discard(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#file.close().catch(() => {});
    await rm(this.#partial, { force: true });
    // What lies there otherwise is somebody else's.
    if (this.#renamed) await rm(this.#input.path, { force: true });
  }

  async #exclusively(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work);
    // After a failure everybody behind fails too: the file has a hole.
    this.#last = mine;
    mine.catch(() => {});
    await mine;
  }

  async #write(parts: readonly Buffer[]): Promise<void> {
    const bytes = lengthOf(parts);
    if (this.#bytes + bytes > this.#input.maxBytes) {
      throw new SyncError(
        'STORAGE_FULL',
        `The dump grew beyond ${this.#input.maxBytes} bytes (MAX_DUMP_SIZE_GB).`,
      );
    }
    for (const part of parts) this.#hash.update(part);
    try {
      const { bytesWritten } = await this.#file.writev([...parts]);
      if (bytesWritten < bytes) await this.#writeRest(Buffer.concat(parts).subarray(bytesWritten));
    } catch (error) {
      throw storageError(error, 'Writing the dump file');
    }
    this.#bytes += bytes;
  }

  /** A write may take less than it was given; most of the time because the disk is full, which the next one says. */
  async #writeRest(rest: Buffer): Promise<void> {
    for (let done = 0; done < rest.length;) {
      const { bytesWritten } = await this.#file.write(rest, done);
      done += bytesWritten;
    }
  }
}

function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** One gzip member of all parts. */
async function compress(parts: readonly Buffer[]): Promise<readonly Buffer[]> {
  const member: Buffer[] = [];
  await pipeline(Readable.from(parts, { objectMode: false }), createGzip(gzipOptions), async (compressed) => {
    for await (const chunk of compressed) member.push(chunk as Buffer);
  });
  return member;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function drained(stream: NodeJS.WritableStream & { readonly destroyed?: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done).off('error', reject);
      resolve();
    };
    stream.on('drain', done).on('close', done).on('error', reject);
  });
}
