import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { slowListener } from '../../../test/support/slow-listener.ts';
import { openSocket, UnreachableError } from './open-socket.ts';
import type { Address } from './open-socket.ts';

const slow = '127.0.0.2';
const prompt = '127.0.0.1';
/** Nothing listens there. */
const shut = '127.0.0.3';

const greet = (socket: Socket): void => {
  socket.on('error', () => {});
  socket.end('hello');
};

const closers: (() => PromiseLike<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

/** Listens on a port of 127.0.0.1; null when something else has it: the system gives ports per address. */
async function promptListener(port: number): Promise<Server | null> {
  const server = createServer(greet);
  server.listen(port, prompt);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
}

/** A server on 127.0.0.1 and, on the same port of 127.0.0.2, a listener that does not answer for a while. */
async function places(stillMs: number): Promise<number> {
  const target = createServer(greet);
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  closers.push(async () => void target.close());
  for (;;) {
    const standing = await slowListener({
      host: slow,
      target: (target.address() as AddressInfo).port,
      stillMs,
    });
    closers.push(() => standing[Symbol.asyncDispose]());
    const here = await promptListener(standing.port);
    if (here === null) continue;
    closers.push(async () => void here.close());
    return standing.port;
  }
}

const found = (...addresses: readonly string[]) => {
  const list: readonly Address[] = addresses.map((address) => ({
    address,
    family: address.includes(':') ? 6 : 4,
  }));
  return () => Promise.resolve(list);
};

async function reached(socket: Socket): Promise<string | undefined> {
  const { remoteAddress } = socket;
  socket.on('error', () => {});
  const [text] = (await once(socket, 'data')) as [Buffer];
  expect(text.toString()).toBe('hello');
  socket.destroy();
  return remoteAddress;
}

const fault = async (opening: Promise<unknown>): Promise<UnreachableError> => {
  const error = await opening.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof UnreachableError) return error;
  throw new Error('No UnreachableError.', { cause: error });
};

test.concurrent('an address that answers late is reached, though the next one refuses', async () => {
  const port = await places(700);
  const resolve = found(slow, shut);
  const socket = await openSocket({ host: 'two.test', port, timeoutMs: 10_000, resolve });
  expect(await reached(socket)).toBe(slow);
});

test.concurrent('an address that never answers costs a quarter of a second, wherever it stands', async () => {
  const port = await places(30_000);
  for (const order of [
    [slow, prompt],
    [slow, shut, prompt],
    [prompt, slow],
  ]) {
    const begun = performance.now();
    const socket = await openSocket({
      host: 'two.test',
      port,
      timeoutMs: 10_000,
      resolve: found(...order),
    });
    expect(await reached(socket)).toBe(prompt);
    expect(performance.now() - begun).toBeLessThan(5_000);
  }
});

test.concurrent('when none is reached, each address is told with its reason, in time', async () => {
  const port = await places(30_000);
  const begun = performance.now();
  const resolve = found(slow, shut, '::1');
  const error = await fault(openSocket({ host: 'three.test', port, timeoutMs: 900, resolve }));
  expect(performance.now() - begun).toBeLessThan(5_000);
  // Families take turns.
  expect(error.attempts.map(({ where }) => where)).toEqual([
    `${slow}:${port}`,
    `[::1]:${port}`,
    `${shut}:${port}`,
  ]);
  expect(error.code).toBe('ETIMEDOUT');
  expect(error.message).toContain(`${slow}:${port}: it did not answer in time (ETIMEDOUT); [::1]:${port}: `);
  expect(error.message).toContain(`${shut}:${port}: nothing listens there`);
});

test.concurrent('an address given as such is not repeated', async () => {
  const error = await fault(openSocket({ host: shut, port: 1, timeoutMs: 5_000 }));
  expect(error.message).toBe('nothing listens there, or it refuses connections (ECONNREFUSED)');
});

test.concurrent('a look-up is part of the time, and has its own reason', async () => {
  const never = () => new Promise<never>(() => {});
  const late = await fault(openSocket({ host: 'x.test', port: 1, timeoutMs: 50, resolve: never }));
  expect([late.code, late.attempts]).toEqual(['EAI_AGAIN', []]);
  const resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
  const unknown = await fault(openSocket({ host: 'x.test', port: 1, timeoutMs: 50, resolve }));
  expect(unknown.message).toBe('the host’s name is not known (ENOTFOUND)');
  const none = await fault(openSocket({ host: 'x.test', port: 1, timeoutMs: 50, resolve: found() }));
  expect(none.code).toBe('ENOTFOUND');
});

test.concurrent('an abort ends it at once, with its own reason', async () => {
  const port = await places(30_000);
  const abort = new AbortController();
  const opening = openSocket(
    { host: 'two.test', port, timeoutMs: 30_000, resolve: found(slow) },
    { signal: abort.signal },
  );
  abort.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
  await expect(openSocket({ host: slow, port, timeoutMs: 1 }, { signal: abort.signal })).rejects.toThrow(
    'enough',
  );
});
