import type { ChildProcess } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import { makeDirectory } from '../lib/make-directory.ts';
import { Releasers } from '../lib/releasers.ts';
import { packagedBinaries } from './binaries.ts';
import { openCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { freePort } from '../lib/free-port.ts';
import { claimDirectory } from './owner.ts';
import { endLeftovers, isReady, lastLogLines, launch, waitForExit } from './postmaster.ts';
import { processesIn, signalProcess } from '../lib/processes.ts';
import { ordinaryIdentity } from './run-as.ts';
import type { Identity } from './run-as.ts';
import { usableBinaries } from './usable-binaries.ts';

export interface StartPostgresInput {
  /** Holds everything: `data/`, `password`, `server.log`. Created when missing, used again when it is there. */
  readonly directory: string;
  /** A free one when not said. */
  readonly port?: number | undefined;
  /** Server settings, on top of ours: listens on 127.0.0.1 only, no socket file. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The superuser's password for a new directory; random when not said. An old directory keeps its own. */
  readonly password?: string | undefined;
  /** Stops the start, not the running server. */
  readonly signal?: AbortSignal | undefined;
  /** A folder with `bin/postgres` and `bin/initdb` of another build or major. */
  readonly binaries?: string | undefined;
}

export interface RunningPostgres {
  readonly port: number;
  readonly pid: number;
  readonly directory: string;
  /** `postgresql://…` as superuser, with the password: a secret. Database `postgres` when not said. */
  url(database?: string): string;
  /** Ends every session and shuts down cleanly; resolves when no process is left. Safe to call twice. */
  stop(): Promise<void>;
  /** `kill -9` of the whole server, as when its machine loses power. */
  kill(): Promise<void>;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
}

const startTimeoutMs = 60_000;
const pollMs = 20;
const attemptsMax = 5;

/**
 * Starts a PostgreSQL of our own and resolves when it accepts connections. Root hands it to an ordinary user. It ends
 * with us: by `stop()`, when our process exits, and (not on Windows) when our process is killed. A directory left
 * behind by a killed process is taken over.
 *
 * Errors: EMBEDDED_UNAVAILABLE (no programs for this system), EMBEDDED_BUSY (the directory is in use),
 * EMBEDDED_START_FAILED (with the end of the log), the signal's reason.
 */
export async function startPostgres(input: StartPostgresInput): Promise<RunningPostgres> {
  const releasers = new Releasers();
  try {
    const directory = resolve(input.directory);
    const identity = await ordinaryIdentity();
    await prepareDirectory(directory, identity);
    releasers.defer(await claimDirectory(directory));
    const binaries = await usableBinaries(input.binaries ?? packagedBinaries(), identity);
    releasers.defer(() => binaries.release());
    const { password, signal } = input;
    const cluster = await openCluster({
      directory,
      binaries: binaries.directory,
      identity,
      password,
      signal,
    });
    await endLeftovers(cluster.data);
    for (let attempt = 1; ; attempt += 1) {
      const port = input.port ?? (await freePort());
      const settings = { ...input.settings, port: `${port}` };
      const child = await launch({ binaries: binaries.directory, cluster, identity, settings });
      if (await becomesReady(child, cluster, signal))
        return running(child, cluster, port, directory, releasers);
      // A free port can be taken by another program before the server has it; a server killed a moment ago may leave
      // a process behind that still holds its shared memory. Both pass.
      if (attempt === attemptsMax) {
        throw new SyncError(
          'EMBEDDED_START_FAILED',
          `The embedded PostgreSQL did not start; ${cluster.logFile} ends with: ${await lastLogLines(cluster.logFile)}`,
        );
      }
      await delay(attempt * 200, undefined, { signal });
    }
  } catch (error) {
    await releasers.release();
    input.signal?.throwIfAborted();
    throw error;
  }
}

/** Closed to others; where PostgreSQL runs as another user, that one has to get through to `data`, but sees no list. */
async function prepareDirectory(directory: string, identity: Identity | null): Promise<void> {
  const mode = identity === null ? 0o700 : 0o711;
  try {
    await makeDirectory(directory, mode);
    await chmod(directory, mode);
  } catch (error) {
    throw new SyncError('STORAGE_UNUSABLE', `${directory} cannot be created or used for PostgreSQL.`, {
      cause: error,
    });
  }
}

/** False when the server ended instead. */
async function becomesReady(
  child: ChildProcess,
  cluster: Cluster,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const deadline = Date.now() + startTimeoutMs;
  try {
    while (child.exitCode === null && child.signalCode === null) {
      signal?.throwIfAborted();
      if (child.pid !== undefined && (await isReady(cluster.data, child.pid))) return true;
      if (Date.now() > deadline) {
        throw new SyncError(
          'EMBEDDED_START_FAILED',
          `The embedded PostgreSQL was not ready after 60 s; see ${cluster.logFile}.`,
        );
      }
      await delay(pollMs);
    }
    return false;
  } catch (error) {
    child.kill('SIGKILL');
    await waitForExit(child);
    throw error;
  }
}

function running(
  child: ChildProcess,
  cluster: Cluster,
  port: number,
  directory: string,
  releasers: Releasers,
): RunningPostgres {
  const pid = child.pid ?? 0;
  const exited = waitForExit(child);
  let ending: Promise<void> | null = null;
  const end = (stopServer: () => Promise<void>): Promise<void> =>
    (ending ??= (async () => {
      try {
        await stopServer();
        await exited;
        await endLeftovers(cluster.data);
      } finally {
        await releasers.release();
      }
    })());
  return {
    port,
    pid,
    directory,
    exited,
    url: (database = 'postgres') =>
      `postgresql://postgres:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    stop: () => end(() => shutDown(child, exited)),
    kill: () =>
      end(async () => {
        for (const victim of new Set([pid, ...(await processesIn(cluster.data))]))
          signalProcess(victim, 'SIGKILL');
      }),
  };
}

/** Fast shutdown, then immediate, then by force (PostgreSQL manual, "Shutting Down the Server"). */
async function shutDown(child: ChildProcess, exited: Promise<void>): Promise<void> {
  const steps = [
    ['SIGINT', 30_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const;
  for (const [signal, patienceMs] of steps) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await inTime(exited, patienceMs, () => {});
  }
}
