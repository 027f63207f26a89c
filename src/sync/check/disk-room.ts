import { stat, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Config } from '../../config/config.ts';

/** Files that a run writes into a directory. */
export interface DumpToWrite {
  readonly what: string;
  readonly directory: string;
  /** What its rows take at their server, bytes; as text they are about as large. */
  readonly bytes: number;
}

const gigabyte = 1e9;
/** Text of rows seldom packs better. */
const gzipFactor = 8;

/**
 * Before hours of reading: a sentence where the disk, or MAX_DUMP_SIZE_GB, has less room than the dumps seem to need.
 * Sizes are guesses (tables may hold dead rows, and values that are packed there), so nothing is refused for them.
 */
export async function diskWarnings(
  { dumps }: Pick<Config, 'dumps'>,
  files: readonly DumpToWrite[],
): Promise<readonly string[]> {
  const factor = dumps.compression === 'gzip' ? gzipFactor : 1;
  const needed = files.map(({ bytes, ...file }) => ({ ...file, bytes: bytes / factor }));
  const limited = needed
    .filter(({ bytes }) => bytes > dumps.maxBytes)
    .map(
      ({ what, bytes }) =>
        `${what} may need some ${inGigabytes(bytes)}, and MAX_DUMP_SIZE_GB allows ` +
        `${inGigabytes(dumps.maxBytes)}: the run would fail when the dump is that large.`,
    );
  const disks = new Map<number, { free: number; bytes: number; files: string[] }>();
  for (const { what, directory, bytes } of needed) {
    const disk = await diskOf(directory);
    const known = disks.get(disk.device) ?? { free: disk.free, bytes: 0, files: [] };
    known.bytes += bytes;
    known.files.push(`${what} (${basename(directory)})`);
    disks.set(disk.device, known);
  }
  const full = [...disks.values()]
    .filter(({ free, bytes }) => bytes > free)
    .map(
      ({ free, bytes, files: of }) =>
        `${of.join(' and ')} may need some ${inGigabytes(bytes)}, and the disk has ${inGigabytes(free)} ` +
        'free: the run would fail when it is full.',
    );
  return [...limited, ...full];
}

function inGigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}

/** The disk that a directory lies on, or will when it is made. */
async function diskOf(directory: string): Promise<{ readonly device: number; readonly free: number }> {
  try {
    const { dev } = await stat(directory);
    const { bavail, bsize } = await statfs(directory);
    return { device: dev, free: bavail * bsize };
  } catch (error) {
    const above = dirname(directory);
    if ((error as { code?: string }).code === 'ENOENT' && above !== directory) return diskOf(above);
    // Whoever writes there is told why it cannot be.
    return { device: -1, free: Number.POSITIVE_INFINITY };
  }
}
