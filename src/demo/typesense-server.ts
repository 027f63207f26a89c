import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../errors/sync-error.ts';
import { endWithUs } from '../lib/end-with-us.ts';
import { freePort } from '../lib/free-port.ts';
import { Secret } from '../lib/secret.ts';

export interface StartTypesenseInput {
  /** The server program. */
  readonly path: string;
  /** Holds its data and log; created when missing. */
  readonly directory: string;
  readonly apiKey?: Secret | undefined;
  readonly port?: number | undefined;
  /** More start flags, without the two dashes. */
  readonly flags?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunningTypesense {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly apiKey: Secret;
  /** Clean end; safe to call twice. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;

/**
 * Starts a Typesense on 127.0.0.1 and resolves when it is healthy. It ends with us, however we end.
 * Throws SEARCH_UNAVAILABLE with the log's place when it does not get healthy; the signal's reason on abort.
 */
export async function startTypesense(input: StartTypesenseInput): Promise<RunningTypesense> {
  const data = join(input.directory, 'data');
  const logFile = join(input.directory, 'server.log');
  await mkdir(data, { recursive: true, mode: 0o700 });
  const apiKey = input.apiKey ?? new Secret(randomBytes(24).toString('base64url'));
  const port = input.port ?? (await freePort());
  const flags = {
    'data-dir': data,
    'api-address': '127.0.0.1',
    'api-port': `${port}`,
    'peering-address': '127.0.0.1',
    'peering-port': `${await freePort()}`,
    ...input.flags,
  };
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(
    input.path,
    Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    {
      cwd: input.directory,
      // The key stands in the environment: a command line is open to every user of the machine.
      env: { TYPESENSE_API_KEY: apiKey.reveal() },
      stdio: ['ignore', log.fd, log.fd],
      detached: process.platform !== 'win32',
    },
  );
  const ended = once(child, 'exit').then(() => {});
  try {
    await once(child, 'spawn');
  } catch (error) {
    ended.catch(() => {});
    throw new SyncError('SEARCH_UNAVAILABLE', 'The Typesense program could not be started.', {
      cause: error,
    });
  } finally {
    await log.close();
  }
  endWithUs(child, { onExit: 'SIGKILL', onKill: 'SIGKILL' });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded()) return;
    child.kill(signal);
    const patience = new AbortController();
    const forced = delay(stopTimeoutMs, undefined, { signal: patience.signal }).then(
      () => child.kill('SIGKILL'),
      () => false,
    );
    await ended;
    patience.abort();
    await forced;
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await becomesHealthy(url, hasEnded, logFile, input.signal);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return { url, port, pid: child.pid ?? 0, apiKey, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function becomesHealthy(
  url: string,
  hasEnded: () => boolean,
  logFile: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!hasEnded() && Date.now() < deadline) {
    signal?.throwIfAborted();
    const healthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      // Not listening yet.
      () => false,
    );
    if (healthy) return;
    await delay(50, undefined, { signal });
  }
  throw new SyncError('SEARCH_UNAVAILABLE', `The Typesense server did not become healthy; see ${logFile}.`);
}
