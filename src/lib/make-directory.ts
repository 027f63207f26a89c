import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory, and those on the way to it; false where it was there. Node's own `recursive` never ends where the
 * parent is there and says that there is nothing (ENOENT), as /proc and some mounts do. Rejects as the file system
 * does.
 */
export async function makeDirectory(path: string, mode: number): Promise<boolean> {
  try {
    return await makeOne(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if ((error as { code?: string }).code !== 'ENOENT' || parent === path) throw error;
    await makeDirectory(parent, mode);
    return makeOne(path, mode);
  }
}

async function makeOne(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    const there = (error as { code?: string }).code === 'EEXIST' && (await stat(path)).isDirectory();
    if (!there) throw error;
    return false;
  }
}
