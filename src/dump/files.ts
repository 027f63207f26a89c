import { chmod, lstat, readFile, rename, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SyncError } from '../errors/sync-error.ts';
import { placeFile } from '../lib/durable-file.ts';
import { makeDirectory } from '../lib/make-directory.ts';

/** A file system error as one of ours; paths stay out of it, the setting to look at is in the hint. */
export function storageError(error: unknown, what: string): SyncError {
  if (error instanceof SyncError) return error;
  const { code } = error as { code?: string };
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new SyncError('STORAGE_FULL', `${what}: no space left on the disk (${code}).`, { cause: error });
  }
  return new SyncError('STORAGE_UNUSABLE', `${what} failed (${code ?? 'unknown error'}).`, { cause: error });
}

const fileFaults = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EMFILE', 'ENFILE'];

/** Whether an error is about a file of ours and not about a connection, where rows go from one to the other. */
export function isFileError(error: unknown): boolean {
  const { code, syscall } = error as { readonly code?: string; readonly syscall?: string };
  return syscall === 'open' || (code !== undefined && fileFaults.includes(code));
}

/**
 * A directory for what we write: made for us alone (0700) where it is missing. One that is there stays as it is, for
 * it may be others' too; what we put there is 0600. Throws STORAGE_UNUSABLE as `refuseOthersDirectory`.
 */
export async function privateDirectory(path: string): Promise<void> {
  try {
    if (await makeDirectory(path, 0o700)) await chmod(path, 0o700);
    await refuseOthersDirectory(path);
  } catch (error) {
    throw storageError(error, `Preparing the directory "${basename(path)}"`);
  }
}

/**
 * The contents of a directory are trusted only if nobody but this user and root can write into it: a dump is a
 * program, and whoever can plant one can have it run. Throws STORAGE_UNUSABLE where the directory belongs to another
 * user, or others may write into it.
 */
export async function refuseOthersDirectory(path: string): Promise<void> {
  const us = process.geteuid?.();
  if (us === undefined) return;
  const { mode, uid, gid } = await stat(path);
  if (uid !== us && uid !== 0)
    throw new SyncError(
      'STORAGE_UNUSABLE',
      `The directory "${basename(path)}" belongs to another user (uid ${uid}; this runs as uid ${us}), who ` +
        'may put anything into it; it is not used.',
      {
        hint:
          'Run as the user whose service it is, or name a directory of its own in DATA_DIRECTORY, ' +
          'DUMP_DIRECTORY or BACKUP_DIRECTORY.',
      },
    );
  const group = (mode & 0o020) !== 0 && gid !== process.getegid?.();
  if ((mode & 0o002) === 0 && !group) return;
  throw new SyncError(
    'STORAGE_UNUSABLE',
    `Other users may write into the directory "${basename(path)}" (mode ${(mode & 0o7777).toString(8)}); ` +
      'nothing is kept there.',
    {
      hint:
        'Name a folder of its own below it in DATA_DIRECTORY, DUMP_DIRECTORY or BACKUP_DIRECTORY, or take ' +
        'that right away (chmod go-w).',
    },
  );
}

/**
 * What is to be written takes the place of what has its name: of a file or a link, but not of a directory, a device, a
 * pipe or a socket. `/dev/null` would be gone for everybody. STORAGE_UNUSABLE.
 */
export async function refuseNoFile(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null || found.isFile() || found.isSymbolicLink()) return;
  const what = found.isDirectory() ? 'a directory' : 'no file but a device, a pipe or a socket';
  throw new SyncError('STORAGE_UNUSABLE', `"${basename(path)}" is ${what}; nothing was written.`, {
    hint: 'Name a file that is not there yet, or one that may be replaced.',
  });
}

/** Writes a small file so that it is either the old or the new one, whole, after any crash. Mode 0600. */
export async function writeFileDurably(path: string, content: string): Promise<void> {
  try {
    await placeFile(path, content, rename);
  } catch (error) {
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
