import { closeSync, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { SyncError } from '../errors/sync-error.ts';

/**
 * The text of a file that says what this program does to databases; null where there is none. Only what the user itself
 * or root has written is believed: whoever else can write it could choose the databases, the keys and the protections.
 * Throws CONFIG_INVALID for another user's file (or link), one that others may write, one that is not UTF-8, and one
 * that cannot be read.
 */
export function readOwnedFile(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    return absent(path, error);
  }
  try {
    const stat = fstatSync(file);
    // A folder named .env is somebody's virtual environment, not ours.
    if (stat.isDirectory()) return null;
    const { uid, gid, mode } = stat;
    const us = process.geteuid?.();
    if (us !== undefined) {
      const owner = [uid, lstatSync(path).uid].find((one) => one !== us && one !== 0);
      if (owner !== undefined)
        throw new SyncError(
          'CONFIG_INVALID',
          `${path} belongs to another user (uid ${owner}), and is not read; it has to belong to the user who ` +
            `runs this (uid ${us}) or to root.`,
        );
      const writers = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== process.getegid?.());
      if (writers)
        throw new SyncError(
          'CONFIG_INVALID',
          `${path} may be written by other users (mode ${(mode & 0o777).toString(8)}), and is not read; take ` +
            'that right away with chmod go-w.',
        );
    }
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError)
      throw new SyncError('CONFIG_INVALID', `${path} is no UTF-8 text.`, { cause: error });
    return absent(path, error);
  } finally {
    closeSync(file);
  }
}

function absent(path: string, error: unknown): null {
  if (error instanceof SyncError) throw error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw new SyncError('CONFIG_INVALID', `${path} cannot be read (${code ?? 'unknown reason'}).`, {
    cause: error,
  });
}
