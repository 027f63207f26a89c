import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { clientToolsDirectory } from './client-tools-directory.ts';

export interface ToolResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export interface ToolOptions {
  readonly input?: string | Uint8Array;
  /** On top of the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** `psql` 18 without a start file, stopping at the first error. */
export function psql(
  url: string,
  args: readonly string[] = [],
  options: ToolOptions = {},
): Promise<ToolResult> {
  return runTool('psql', url, ['--no-psqlrc', '--set=ON_ERROR_STOP=1', ...args], options);
}

export function pgDump(url: string, args: readonly string[] = []): Promise<ToolResult> {
  return runTool('pg_dump', url, args, {});
}

export function pgRestore(
  url: string,
  args: readonly string[] = [],
  options: ToolOptions = {},
): Promise<ToolResult> {
  return runTool('pg_restore', url, args, options);
}

async function runTool(
  name: string,
  url: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolResult> {
  const child = spawn(join(await clientToolsDirectory(), name), [`--dbname=${url}`, ...args], {
    env: { ...process.env, PGCLIENTENCODING: 'UTF8', ...options.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A tool that stops at an error closes its input early; its exit code tells.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { stdout, stderr, code };
}
