import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a change in the directory of `path` durable. */
export async function fsyncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Puts a small file where it belongs, whole after any crash, or not at all. Mode 0600. It is written and fsynced under
 * a name that nobody knows before: a link that lay there would be followed. `place` gives it its own: `rename` also
 * over what is there, `link` only where nothing is. Rejects as the file system does.
 */
export async function placeFile(
  path: string,
  content: string,
  place: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.partial`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary, path);
    await fsyncDirectory(path);
  } finally {
    await rm(temporary, { force: true });
  }
}
