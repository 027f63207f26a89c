import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTime } from './in-time.ts';

const never = new Promise<never>(() => {});
const refuse = (): never => {
  throw new Error('too late');
};
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

it('answers what the work answers, and throws what it throws', async () => {
  expect(await inTime(Promise.resolve('done'), 60_000, refuse)).toBe('done');
  expect(await inTime(Promise.resolve('done'), 0, refuse)).toBe('done');
  await expect(inTime(Promise.reject(new Error('of the work')), 60_000, refuse)).rejects.toThrow(
    'of the work',
  );
});

it('answers what is said, or throws it, when the time is over', async () => {
  expect(await inTime(never, 5, () => 'late')).toBe('late');
  await expect(inTime(never, 5, refuse)).rejects.toThrow('too late');
});

it('leaves no timer behind, and nobody has to hear of work that fails later', async () => {
  const before = timers();
  await inTime(Promise.resolve(), 60_000, refuse);
  expect(timers()).toBeLessThanOrEqual(before);
  const failures: unknown[] = [];
  const hear = (error: unknown): void => void failures.push(error);
  process.on('unhandledRejection', hear);
  try {
    let fail = (_error: Error): void => {};
    const failing = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    expect(await inTime(failing, 1, () => null)).toBeNull();
    fail(new Error('of the work, later'));
    await delay(30);
  } finally {
    process.off('unhandledRejection', hear);
  }
  expect(failures).toEqual([]);
});

it('takes for in time what has come over a socket while the process was busy', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [other] = (await once(server, 'connection')) as [Socket];
  setTimeout(() => {
    other.write('sign of life');
    const until = performance.now() + 100;
    while (performance.now() < until);
  }, 5);
  expect(String(await inTime(once(client, 'data'), 50, refuse))).toBe('sign of life');
  client.destroy();
  other.destroy();
  server.close();
});
