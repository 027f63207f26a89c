import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { builtFile } from '../support/built.ts';
import type { TestDatabase } from '../support/postgres.ts';

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stdout, where it is JSON. */
  readonly result: Record<string, unknown>;
  /** The lines before it. */
  readonly events: readonly Record<string, unknown>[];
}

export interface CliOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Called with each line of stdout as it comes. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
}

/** Runs the built command line as people do, with nothing of this process's environment but PATH. */
export async function runCli(argv: readonly string[], { cwd, env, onLine }: CliOptions): Promise<CliRun> {
  const child = spawn(process.execPath, [builtFile('cli/bin.js'), ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line, child);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  const objects = argv.includes('--json')
    ? lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];
  return { code, stdout, stderr, result: objects.at(-1) ?? {}, events: objects.slice(0, -1) };
}

/** Removes the databases that runs keep beside a target: for undo, or put aside by one. */
export async function dropKept(target: Pick<TestDatabase, 'name' | 'query'>): Promise<void> {
  const kept = await target.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE starts_with(datname, $1 || '__')`,
    [target.name],
  );
  for (const { datname } of kept) await target.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
}
