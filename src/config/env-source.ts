import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseEnv } from 'node:util';
import { SyncError } from '../errors/sync-error.ts';

/** The environment variables in force, and where each was said. An empty variable counts as not set. */
export interface EnvSource {
  get(name: string): string | null;
  names(): readonly string[];
  /** `PORT`, or `.env:3: PORT` for one from the file. */
  place(name: string): string;
}

/**
 * The process's variables over those of a `.env` file, looked for in each folder in turn (the first found is read).
 * A variable set to nothing in the process hides the file's. Throws CONFIG_INVALID when a file is there and cannot be
 * read.
 */
export function readEnv(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  folders: readonly string[],
): EnvSource {
  const file = folders.map((folder) => join(folder, '.env')).find((path) => fileText(path) !== null);
  const text = file === undefined ? '' : (fileText(file) ?? '');
  const fromFile: Readonly<Record<string, string | undefined>> = parseEnv(text);
  const lines = text.split('\n');
  const get = (name: string): string | null => (env[name] ?? fromFile[name] ?? '').trim() || null;
  return {
    get,
    names: () =>
      [...new Set([...Object.keys(env), ...Object.keys(fromFile)])].filter((name) => get(name) !== null),
    place(name) {
      if (env[name] !== undefined || file === undefined) return name;
      const line = lines.findLastIndex((candidate) =>
        new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(candidate),
      );
      return `${relative(cwd, file)}:${line + 1}: ${name}`;
    },
  };
}

/** Null when there is no such file. */
function fileText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder named .env is somebody's virtual environment, not ours.
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null;
    throw new SyncError('CONFIG_INVALID', `${path} cannot be read (${code ?? 'unknown reason'}).`, {
      cause: error,
    });
  }
}
