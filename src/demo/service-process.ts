import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SyncError } from '../errors/sync-error.ts';
import { endWithUs } from '../lib/end-with-us.ts';

export interface StartServiceInput {
  /** Its working directory, with its log; neither a `.env` nor a configuration file must lie in it or above it. */
  readonly directory: string;
  /** All of its environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly url: string;
  readonly signal: AbortSignal;
}

export interface RunningService {
  readonly pid: number;
  /** Resolves when it has ended: with the signal that killed it, or null. */
  readonly exited: Promise<NodeJS.Signals | null>;
  /** The end of its log, for people. */
  lastLines(): Promise<string>;
  /** Asks it to end and waits; ends it by force after a while. Safe to call twice. */
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const linesShown = 15;
const program = fileURLToPath(new URL('../cli/bin.js', import.meta.url));

/**
 * Starts the service as people do, and resolves when it takes jobs. It ends with us, however we end.
 * Throws SERVICE_ENDED when it ends instead or is not ready in time; the signal's reason on abort.
 */
export async function startService(input: StartServiceInput): Promise<RunningService> {
  const logFile = join(input.directory, 'service.log');
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(process.execPath, ['--enable-source-maps', program, 'serve'], {
    cwd: input.directory,
    env: input.env,
    stdio: ['ignore', log.fd, log.fd],
    // Ctrl-C reaches every process of a terminal's group; the service has to hear of it from us, in its turn.
    detached: process.platform !== 'win32',
  });
  const exited = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  await once(child, 'spawn');
  await log.close();
  endWithUs(child, { onExit: 'SIGKILL', onKill: 'SIGTERM' });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const service: RunningService = {
    pid: child.pid ?? 0,
    exited,
    lastLines: async () =>
      (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-linesShown).join('\n'),
    stop: async () => {
      if (hasEnded()) return;
      child.kill('SIGTERM');
      const patience = new AbortController();
      const forced = delay(stopTimeoutMs, undefined, { signal: patience.signal }).then(
        () => child.kill('SIGKILL'),
        () => false,
      );
      await exited;
      patience.abort();
      await forced;
    },
  };
  try {
    await becomesReady(input, hasEnded);
  } catch (error) {
    await service.stop();
    if (error instanceof SyncError && error.code === 'SERVICE_ENDED') throw await withLog(error, service);
    throw error;
  }
  return service;
}

/** The error with the end of the service's log in its message. */
async function withLog(error: SyncError, service: RunningService): Promise<SyncError> {
  return new SyncError('SERVICE_ENDED', `${error.message} Its log ends with:\n${await service.lastLines()}`);
}

/** Rejects as soon as the service ends, with the end of its log. */
export async function failWhenEnded(service: RunningService): Promise<never> {
  await service.exited;
  throw await withLog(new SyncError('SERVICE_ENDED', 'The service ended by itself.'), service);
}

async function becomesReady({ url, signal }: StartServiceInput, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!hasEnded()) {
    signal.throwIfAborted();
    const ready = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      // Not listening yet.
      () => false,
    );
    if (ready) return;
    if (Date.now() > deadline) throw new SyncError('SERVICE_ENDED', 'The service was not ready after 60 s.');
    await delay(100, undefined, { signal });
  }
  throw new SyncError('SERVICE_ENDED', 'The service ended while it started.');
}
