import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { startRedis } from './redis.ts';

test('a Redis of the test’s own can be killed and started again, empty', async () => {
  const server = await startRedis();
  const client = new Redis(server.url, { retryStrategy: () => 50 });
  client.on('error', () => {});
  await client.set('a', '1');
  await server.kill();
  await server.restart();
  expect(await client.get('a')).toBeNull();
  client.disconnect();
  await server.stop();
});
