import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../errors/sync-error.ts';
import { endWithUs } from '../lib/end-with-us.ts';
import { program } from './binaries.ts';
import { serverEnvironment } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { isAlive, processesIn, signalProcess } from '../lib/processes.ts';
import type { Identity } from './run-as.ts';

export interface LaunchInput {
  readonly binaries: string;
  readonly cluster: Cluster;
  readonly identity: Identity | null;
  readonly settings: Readonly<Record<string, string>>;
}

/** The log must not hold a row's value: no failed statement's text, no DETAIL. */
const baseSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** Starts the server process in a session of its own, so that Ctrl-C in a terminal reaches only us. */
export async function launch(input: LaunchInput): Promise<ChildProcess> {
  const { cluster, identity } = input;
  const settings = Object.entries({ ...baseSettings, ...input.settings });
  await keepOneOldLog(cluster.logFile);
  const log = await open(cluster.logFile, 'a', 0o600);
  try {
    const child = spawn(
      program(input.binaries, 'postgres'),
      ['-D', cluster.dataForServer, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        cwd: cluster.data,
        env: serverEnvironment(),
        stdio: ['ignore', log.fd, log.fd],
        detached: process.platform !== 'win32',
        ...identity,
      },
    );
    await once(child, 'spawn');
    endWithUs(child, { onExit: 'SIGQUIT', onKill: 'SIGINT', identity });
    return child;
  } finally {
    await log.close();
  }
}

/** Whether the server `pid` says it accepts connections: the eighth line of its postmaster.pid (10 and later). */
export async function isReady(data: string, pid: number): Promise<boolean> {
  const lines = await pidFileLines(data);
  return lines[0] === `${pid}` && lines[7] === 'ready';
}

/**
 * Ends the server a killed process of ours left in this directory, and removes a postmaster.pid that names a process
 * which is something else by now. (PostgreSQL itself sees through one that names no process.)
 */
export async function endLeftovers(data: string): Promise<void> {
  const named = Number((await pidFileLines(data))[0] ?? Number.NaN);
  const deadline = Date.now() + 30_000;
  for (let leftovers = await processesIn(data); leftovers.length > 0; leftovers = await processesIn(data)) {
    if (leftovers.includes(named)) signalProcess(named, 'SIGINT');
    else for (const pid of leftovers) signalProcess(pid, 'SIGKILL');
    if (Date.now() > deadline) {
      throw new SyncError(
        'EMBEDDED_START_FAILED',
        `Process ${leftovers.join(', ')} keeps running in ${data}.`,
      );
    }
    await delay(50);
  }
  if (process.platform === 'linux' && Number.isInteger(named) && isAlive(named)) {
    await rm(join(data, 'postmaster.pid'), { force: true });
  }
}

export async function waitForExit(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** The end of the log, for an error message. */
export async function lastLogLines(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-3).join(' | ');
}

async function pidFileLines(data: string): Promise<readonly string[]> {
  try {
    return (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n').map((line) => line.trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function keepOneOldLog(logFile: string): Promise<void> {
  try {
    await rename(logFile, `${logFile}.old`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
