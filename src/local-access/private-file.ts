import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { SyncError } from '../errors/sync-error.ts';

/**
 * The text of a file that this user wrote for itself alone; null where there is none. A key or an address in it is
 * believed, so nobody else may have put it there. Throws CONFIG_INVALID for a link, for anything but a plain file, for
 * another user's file, for one that others may read or write, and for one that cannot be read.
 */
export function readPrivateFile(path: string): string | null {
  let file: number;
  try {
    // A link could lead anywhere, and a pipe would be waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'ELOOP') throw refused(path, 'is a link');
    throw refused(path, `cannot be read (${code ?? 'unknown reason'})`, error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw refused(path, 'is no plain file');
    const us = process.geteuid?.();
    if (us !== undefined) {
      if (stat.uid !== us)
        throw refused(path, `belongs to another user (uid ${stat.uid}; this runs as uid ${us})`);
      if ((stat.mode & 0o077) !== 0)
        throw refused(
          path,
          `may be read or written by other users (mode ${(stat.mode & 0o777).toString(8)})`,
        );
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw refused(
      path,
      `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`,
      error,
    );
  } finally {
    closeSync(file);
  }
}

function refused(path: string, what: string, cause?: unknown): SyncError {
  return new SyncError('CONFIG_INVALID', `${path} ${what}, so it is not used.`, {
    hint:
      'Run as the user whose service it is; if nobody else should have written it, remove it and start the ' +
      'service again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
