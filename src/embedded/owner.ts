import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncError } from '../errors/sync-error.ts';
import { isAlive, processStart } from '../lib/processes.ts';

interface Owner {
  readonly pid: number;
  readonly start: string;
}

/**
 * Takes a directory for this process until the returned function is called. A claim whose process is gone is void.
 * Throws EMBEDDED_BUSY when another living process, or this one, holds it.
 */
export async function claimDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'owner.json');
  const claim: Owner = { pid: process.pid, start: await processStart(process.pid) };
  for (;;) {
    try {
      await writeFile(file, JSON.stringify(claim), { flag: 'wx', mode: 0o600 });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = await readOwner(file);
    if (owner !== null && isAlive(owner.pid) && (await processStart(owner.pid)) === owner.start) {
      throw new SyncError(
        'EMBEDDED_BUSY',
        `${directory} is in use by process ${owner.pid}; nothing was started.`,
      );
    }
    await rm(file, { force: true });
  }
}

/** Null for a file that is gone, or was cut short when its writer died. */
async function readOwner(file: string): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch {
    return null;
  }
}
