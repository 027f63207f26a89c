import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive } from '../../src/lib/processes.ts';

const scratchPrefix = 'multiboard-sync-test-';

/** A new folder for the files of a test, readable by its owner only. */
export function scratchDirectory(what: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `${scratchPrefix}${what}-`));
}

const memory = '/dev/shm';
const roomBytes = 6 * 2 ** 30;

/**
 * A new folder for a test server's data: in memory, where there is room. The tests make and drop thousands of small
 * databases of 300 files each, which costs a file system on a disk as much as the server's own work.
 */
export async function serverDirectory(what: string): Promise<string> {
  return (await hasRoom(memory))
    ? mkdtemp(join(memory, `${scratchPrefix}${process.pid}-${what}-`))
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

/** Moves what is kept for a look out of memory, with its owners; returns where it is. */
export async function moveToDisk(directory: string, what: string): Promise<string> {
  if (!directory.startsWith(memory)) return directory;
  const kept = await scratchDirectory(what);
  await promisify(execFile)('cp', ['-a', `${directory}/.`, kept]);
  await rm(directory, { recursive: true, force: true });
  return kept;
}

/** A run that was killed could not give its memory back; the name says whose it was. */
export async function freeAbandonedMemory(): Promise<void> {
  for (const name of await readdir(memory).catch(() => [])) {
    const owner = Number(/^multiboard-sync-test-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isInteger(owner) && !isAlive(owner))
      await rm(join(memory, name), { recursive: true, force: true });
  }
}
