import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SyncError } from '../errors/sync-error.ts';
import { copyBinaries, hydrateLinks, program } from './binaries.ts';
import { isAlive } from '../lib/processes.ts';
import type { Identity } from './run-as.ts';

const run = promisify(execFile);
const copyPrefix = 'multiboard-sync-postgres-';

export interface UsableBinaries {
  readonly directory: string;
  /** Removes the copy, where one was made. */
  release(): Promise<void>;
}

/**
 * The programs in a place where `identity` can run them: where they are, or (under a closed home folder, or in a
 * package folder that lacks its links and cannot be written) a copy in the temporary folder, about 60 MB.
 * Throws EMBEDDED_UNAVAILABLE when they do not run there either.
 */
export async function usableBinaries(original: string, identity: Identity | null): Promise<UsableBinaries> {
  const linked = await hydrateLinks(original);
  if (linked && (await failureOf(original, identity)) === null) {
    return { directory: original, release: async () => {} };
  }
  await removeAbandonedCopies();
  const copy = await mkdtemp(join(tmpdir(), `${copyPrefix}${process.pid}-`));
  const release = (): Promise<void> => rm(copy, { recursive: true, force: true });
  try {
    await copyBinaries(original, copy);
    const failure = await failureOf(copy, identity);
    if (failure !== null) {
      throw new SyncError(
        'EMBEDDED_UNAVAILABLE',
        `PostgreSQL's programs do not run on this system: ${failure}`,
      );
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { directory: copy, release };
}

/** Null when both programs start under that user. */
async function failureOf(directory: string, identity: Identity | null): Promise<string | null> {
  try {
    for (const name of ['initdb', 'postgres'] as const) {
      await run(program(directory, name), ['--version'], { cwd: '/', ...identity });
    }
    return null;
  } catch (error) {
    const { code, stderr } = error as { code?: number | string; stderr?: string };
    return stderr === undefined || stderr === '' ? String(code) : stderr.trim();
  }
}

/** A process that was killed could not remove its copy; the name says whose it was. */
async function removeAbandonedCopies(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(copyPrefix)) continue;
    const owner = Number(name.slice(copyPrefix.length).split('-')[0]);
    if (!Number.isInteger(owner) || isAlive(owner)) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
