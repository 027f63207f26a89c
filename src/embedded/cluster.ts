import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SyncError } from '../errors/sync-error.ts';
import { program } from './binaries.ts';
import type { Identity } from './run-as.ts';

const run = promisify(execFile);

/** A data directory with its superuser's password, and how the server is told where it is. */
export interface Cluster {
  /** The data directory as we reach it. */
  readonly data: string;
  /** The same as the server reaches it; its working directory must be `data`. */
  readonly dataForServer: string;
  readonly logFile: string;
  readonly password: string;
}

export interface OpenClusterInput {
  readonly directory: string;
  readonly binaries: string;
  readonly identity: Identity | null;
  readonly password: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds or creates the cluster in `directory`: `data/`, `password` (0600) and `server.log`. initdb works in a folder
 * of another name that is renamed when complete, so a half-made cluster is never taken for one.
 * Errors: EMBEDDED_START_FAILED with initdb's last words.
 */
export async function openCluster(input: OpenClusterInput): Promise<Cluster> {
  const { directory, identity } = input;
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  const logFile = join(directory, 'server.log');
  if (!(await exists(data))) {
    const password = input.password ?? randomBytes(24).toString('base64url');
    const unfinished = join(directory, 'data.unfinished');
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    await chmod(passwordFile, 0o600);
    if (identity !== null) {
      await chown(unfinished, identity.uid, identity.gid);
      await chown(passwordFile, identity.uid, identity.gid);
    }
    await initialise(input, unfinished, passwordFile);
    if (identity !== null) await chown(passwordFile, 0, 0);
    await rename(unfinished, data);
  }
  const password = await readFile(passwordFile, 'utf8');
  return { data, dataForServer: await pathForServer(data, identity), logFile, password };
}

async function initialise(input: OpenClusterInput, data: string, passwordFile: string): Promise<void> {
  const windows = process.platform === 'win32';
  const passwordHandle = await open(passwordFile, 'r');
  try {
    const child = spawn(
      program(input.binaries, 'initdb'),
      [
        `--pgdata=${await pathForServer(data, input.identity)}`,
        '--username=postgres',
        // Through standard input: the file may lie where the server's user cannot go.
        `--pwfile=${windows ? passwordFile : '/dev/stdin'}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      ],
      {
        cwd: data,
        env: serverEnvironment(),
        stdio: [passwordHandle.fd, 'ignore', 'pipe'],
        ...input.identity,
        signal: input.signal,
      },
    );
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) {
      throw new SyncError('EMBEDDED_START_FAILED', `initdb could not create ${data}: ${complaint.trim()}`);
    }
  } catch (error) {
    input.signal?.throwIfAborted();
    throw error;
  } finally {
    await passwordHandle.close();
  }
}

/** What a server needs of our environment: no setting of libpq, no secret of the service. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TMPDIR } = process.env;
  return { LC_ALL: 'C', PATH, SystemRoot, TMPDIR };
}

/**
 * The data directory's path for a server under another user. Below a folder that is closed to that user (root's home,
 * a 0700 data directory) the path is of no use, but the working directory it inherits from us is: PostgreSQL 16 and
 * later never leave it (older ones do, while they look for their own place). Linux only; elsewhere the plain path is
 * the only one there is.
 */
async function pathForServer(data: string, identity: Identity | null): Promise<string> {
  if (identity === null || process.platform !== 'linux') return data;
  try {
    await run('/bin/sh', ['-c', 'cd "$1"', 'sh', data], { cwd: '/', ...identity });
    return data;
  } catch {
    return '/proc/self/cwd';
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
