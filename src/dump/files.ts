import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SyncError } from '../errors/sync-error.ts';

/** A file system error as one of ours; paths stay out of it, the setting to look at is in the hint. */
export function storageError(error: unknown, what: string): SyncError {
  if (error instanceof SyncError) return error;
  const { code } = error as { code?: string };
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new SyncError('STORAGE_FULL', `${what}: no space left on the disk (${code}).`, { cause: error });
  }
  return new SyncError('STORAGE_UNUSABLE', `${what} failed (${code ?? 'unknown error'}).`, { cause: error });
}

/** A directory for us alone: made when missing, 0700 in any case. */
export async function privateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  } catch (error) {
    throw storageError(error, `Preparing the directory "${path}"`);
  }
}

/** Makes a rename in the directory of `path` durable. */
export async function fsyncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Writes a small file so that it is either the old or the new one, whole, after any crash. Mode 0600. */
export async function writeFileDurably(path: string, content: string): Promise<void> {
  const temporary = `${path}.partial`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await fsyncDirectory(path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw storageError(error, 'Writing a file');
  }
}

/** The text of a file; null when there is none. */
export async function readFileIfAny(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw storageError(error, 'Reading a file');
  }
}
