import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithUs } from '../../src/lib/end-with-us.ts';
import { freePort } from '../../src/lib/free-port.ts';
import { atFileEnd } from './postgres.ts';
import { scratchDirectory } from './scratch.ts';

export interface TestRedis {
  readonly url: string;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts an empty one on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const startTimeoutMs = 10_000;

/**
 * A Redis on a port of its own that keeps nothing on disk; BullMQ asks for `noeviction`. Stopped when the file ends.
 */
export async function startRedis(): Promise<TestRedis> {
  const directory = await scratchDirectory('redis');
  const port = await freePort();
  let end = await launch(port, directory);
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      end = await launch(port, directory);
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
  atFileEnd(() => redis.stop());
  return redis;
}

/** One command over the plain protocol. */
export async function redisCommand(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${text}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

async function launch(port: number, directory: string): Promise<(signal: NodeJS.Signals) => Promise<void>> {
  const flags = {
    port: `${port}`,
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
  };
  const child = spawn(
    'redis-server',
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    { cwd: directory, stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  await once(child, 'spawn');
  endWithUs(child, { onExit: 'SIGKILL', onKill: 'SIGKILL' });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  for (const deadline = Date.now() + startTimeoutMs; !(await answers(port)); await delay(20)) {
    if (hasEnded() || Date.now() > deadline) throw new Error('redis-server did not start');
  }
  return async (signal) => {
    if (hasEnded()) return;
    child.kill(signal);
    await exited;
  };
}

/** Asks PING over the plain protocol. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
