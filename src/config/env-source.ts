import { join, relative } from 'node:path';
import { readEnvLines } from './env-lines.ts';
import type { EnvFile } from './env-lines.ts';
import type { Faults } from './faults.ts';
import { isGuarding, isOwnName, meantName } from './own-names.ts';
import { readOwnedFile } from './owned-file.ts';

/** The environment variables in force, and where each was said. An empty variable counts as not set. */
export interface EnvSource {
  get(name: string): string | null;
  names(): readonly string[];
  /** `PORT`, or `.env:3: PORT` for one from the file. */
  place(name: string): string;
}

type ProcessEnv = Readonly<Record<string, string | undefined>>;

/**
 * The process's variables over those of a `.env` file, looked for in each folder in turn (the first found is read).
 * A variable set to nothing in the process hides the file's, but not a key or a protection. What could be read in two
 * ways is added to `faults`. Throws CONFIG_INVALID when a file is there and cannot be read, or is another user's.
 */
export function readEnv(env: ProcessEnv, cwd: string, folders: readonly string[], faults: Faults): EnvSource {
  const { path, file } = findEnvFile(folders);
  const name = path === null ? '.env' : relative(cwd, path);
  for (const { line, fault } of file.faults) faults.add(`${name}:${line}: ${fault}`);
  for (const variable of Object.keys(env)) reportProcess(variable, env, file, name, faults);
  const get = (variable: string): string | null =>
    (env[variable] ?? file.values[variable] ?? '').trim() || null;
  return {
    get,
    names: () =>
      [...new Set([...Object.keys(env), ...Object.keys(file.values)])].filter(
        (variable) => get(variable) !== null,
      ),
    place(variable) {
      const line = env[variable] === undefined ? file.lines.get(variable) : undefined;
      return line === undefined ? variable : `${name}:${line}: ${variable}`;
    },
  };
}

function findEnvFile(folders: readonly string[]): { readonly path: string | null; readonly file: EnvFile } {
  for (const folder of folders) {
    const path = join(folder, '.env');
    const text = readOwnedFile(path);
    if (text !== null) return { path, file: readEnvLines(text) };
  }
  return { path: null, file: { values: {}, lines: new Map(), faults: [] } };
}

/** A variable of the process that says less than its writer thinks. */
function reportProcess(variable: string, env: ProcessEnv, file: EnvFile, name: string, faults: Faults): void {
  const value = env[variable] ?? '';
  const meant = meantName(variable, 'process');
  if (meant !== null && (env[meant] ?? file.values[meant]) === undefined)
    faults.add(`${variable} is no setting; did you mean ${meant}`);
  if (!isOwnName(variable)) return;
  if (value !== value.trim() && value.trim() !== '')
    faults.add(`${variable} begins or ends with a space or a line break; remove it`);
  const said = file.values[variable];
  const line = file.lines.get(variable);
  if (said === undefined || line === undefined || !isGuarding(variable)) return;
  if (value.trim() === '')
    faults.add(`${variable} is empty in the process, which would hide ${name}:${line}; unset it there`);
  else if (variable.endsWith('_PROTECTION') && value !== said)
    faults.add(`${variable} says one thing in the process and another in ${name}:${line}; say it once`);
}
