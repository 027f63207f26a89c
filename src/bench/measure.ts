import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SyncError } from '../errors/sync-error.ts';

/** Programs that feed each other; what the last one writes goes nowhere. */
export interface Command {
  readonly pipe: readonly (readonly [program: string, ...args: string[]])[];
  readonly env: Readonly<Record<string, string>>;
  /** What the programs may end with beside 0. */
  readonly mayEndWith?: number;
}

export interface Measured {
  readonly seconds: number;
  /** CPU seconds of the programs, and of the server meanwhile. */
  readonly ours: number;
  readonly servers: number;
  /** Largest resident set of the last program, MiB. */
  readonly peakMiB: number;
}

const pollMs = 50;
/** Linux: `getconf CLK_TCK`. */
const ticksPerSecond = 100;

/** Runs a command and measures it. Linux only: all but the seconds is read from /proc. */
export async function measure(
  { pipe, env, mayEndWith = 0 }: Command,
  serverPid: number,
  signal: AbortSignal,
): Promise<Measured> {
  const [before, ours, startedAt] = [serverCpu(serverPid), childrenCpu(), performance.now()];
  const programs = pipe.map(([program, ...args], index) =>
    spawn(program, args, {
      env: { ...env },
      stdio: [index === 0 ? 'ignore' : 'pipe', index === pipe.length - 1 ? 'ignore' : 'pipe', 'pipe'],
      signal,
    }),
  );
  const words = programs.map(lastWords);
  const ends = programs.map((program) => once(program, 'exit'));
  let peakMiB = 0;
  const poll = setInterval(() => {
    peakMiB = Math.max(peakMiB, peakOf(programs.at(-1)?.pid));
  }, pollMs);
  try {
    for (const [index, { stdin }] of programs.entries()) {
      const from = programs[index - 1]?.stdout;
      if (stdin !== null && from !== null && from !== undefined) void pipeline(from, stdin).catch(() => {});
    }
    const codes = (await Promise.all(ends)).map(([code]) => code as number | null);
    // Who feeds a program that has failed fails with it.
    const failed = codes.findLastIndex((code) => code !== 0 && code !== mayEndWith);
    if (failed !== -1)
      throw new SyncError(
        'INTERNAL',
        `${pipe[failed]?.join(' ')} ended with ${codes[failed]}: ${words[failed]?.()}`,
      );
  } finally {
    clearInterval(poll);
  }
  return {
    seconds: (performance.now() - startedAt) / 1000,
    ours: childrenCpu() - ours,
    servers: serverCpu(serverPid) - before,
    peakMiB,
  };
}

function lastWords({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2_000);
  });
  return () => text;
}

/** The fields of /proc/pid/stat from the state on; empty when the process is gone. */
function statOf(pid: number | 'self'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}

const secondsOf = (stat: readonly string[], ...fields: readonly number[]): number =>
  fields.reduce((sum, field) => sum + Number(stat[field] ?? 0), 0) / ticksPerSecond;
const [own, ofEndedChildren] = [
  [11, 12],
  [13, 14],
] as const;

/** Of programs of ours that have ended. */
function childrenCpu(): number {
  return secondsOf(statOf('self'), ...ofEndedChildren);
}

/** Of a server with all its processes. */
function serverCpu(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => Number(stat[1]) === pid);
  return children.reduce(
    (sum, stat) => sum + secondsOf(stat, ...own),
    secondsOf(statOf(pid), ...own, ...ofEndedChildren),
  );
}

function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}
