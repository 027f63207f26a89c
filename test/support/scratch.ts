import { mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratchPrefix = 'multiboard-sync-test-';

/** A new folder for one test server, readable by its owner only. */
export function scratchDirectory(what: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `${scratchPrefix}${what}-`));
}

const memory = '/dev/shm';
const roomBytes = 6 * 2 ** 30;

/**
 * A new folder for a test server's data. On CI in memory, where there is room: the tests make and drop thousands of
 * small databases of 300 files each. Elsewhere what a failed test leaves for a look would hold memory.
 */
export async function serverDirectory(what: string): Promise<string> {
  return process.env['CI'] === 'true' && (await hasRoom(memory))
    ? mkdtemp(join(memory, `${scratchPrefix}${what}-`))
    : scratchDirectory(what);
}

/** What lies there is taken from memory: both must have room. */
async function hasRoom(directory: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return Math.min(bavail * bsize, process.availableMemory()) >= roomBytes;
  } catch {
    return false; // Not Linux.
  }
}
