import type * as Real from 'node:dns/promises';
import { once } from 'node:events';
import { createServer as httpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { serviceClient } from '../../src/cli/service-client.ts';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { failure } from '../harness/failure.ts';
import { openQueueBackend } from '../../src/jobs/queue-connection.ts';
import { Secret } from '../../src/lib/secret.ts';
import { Database } from '../../src/postgres/database.ts';
import { Transport } from '../../src/search/transport.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { slowListener } from '../support/slow-listener.ts';

const slow = '127.0.0.2';
/** Nothing listens there. */
const shut = '127.0.0.3';
const names = vi.hoisted(() => new Map<string, readonly string[]>());

// The system's names cannot be given two addresses without its administrator.
vi.mock('node:dns/promises', async (original) => {
  const real = await original<typeof Real>();
  const lookup = async (name: string, options: object) => {
    const known = names.get(name);
    if (known === undefined) return real.lookup(name, options);
    return known.map((address) => ({ address, family: 4 }));
  };
  return { ...real, lookup };
});

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

/** The same address, under a name whose first address answers no handshake for a while and whose second one refuses. */
async function under(name: string, address: string, stillMs = 700): Promise<string> {
  const url = new URL(address);
  const listener = await slowListener({ host: slow, target: Number(url.port), stillMs });
  closers.push(() => listener[Symbol.asyncDispose]());
  names.set(name, [slow, shut]);
  url.hostname = name;
  url.port = String(listener.port);
  return url.href;
}

const database = (url: string): Database => {
  const open = new Database({
    url: parseDatabaseUrl('TEST_URL', url),
    side: 'target',
    access: 'write',
    applicationName: 'multiboard-sync test reach',
  });
  closers.push(() => open.close());
  return open;
};

const client = (url: string, connectTimeoutSeconds = 1): Transport => {
  const transport = new Transport(url, { apiKey: new Secret('test'), connectTimeoutSeconds });
  closers.push(() => transport.close());
  return transport;
};

const queue = (url: string, connectTimeoutSeconds: number) => {
  const [redisUrl, queueDatabaseUrl] = url.startsWith('redis')
    ? [new Secret(url), null]
    : [null, new Secret(url)];
  return openQueueBackend({ redisUrl, queueDatabaseUrl }, { connectTimeoutSeconds });
};

describe.skipIf(lacks('redis'))('a host with several addresses', () => {
  it.concurrent('is reached by every client, though the first address is slow and the second refuses', async () => {
    const [redis, postgres] = await Promise.all([startRedis(), testDatabase('reach')]);
    const service = httpServer((_request, response) => response.end('{"jobs":[]}')).listen(0, '127.0.0.1');
    await once(service, 'listening');
    closers.push(() => service.close());
    const at = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const backends = await Promise.all([
      under('redis.test', redis.url).then((url) => queue(url, 10)),
      under('queue.test', postgres.url).then((url) => queue(url, 10)),
    ]);
    closers.push(() => Promise.all(backends.map((backend) => backend.close())));
    await Promise.all([
      ...backends.map((backend) => backend.ready()),
      under('postgres.test', postgres.url).then(async (url) => {
        const answer = await database(url).withSession((session) => session.query('SELECT 1 AS one'));
        expect(answer).toEqual([{ one: 1 }]);
      }),
      under('typesense.test', at).then(async (url) => {
        const transport = client(url, 10);
        expect(await transport.send({ method: 'GET', path: '/health', watchdogMs: 500 })).toMatchObject({
          status: 200,
        });
      }),
      under('service.test', at).then(async (url) => {
        expect(await serviceClient(url, null).get('/api/jobs')).toEqual({ jobs: [] });
      }),
    ]);
  });

  it.concurrent('that answers nowhere is told with each address and its reason', async () => {
    const url = await under('nowhere.test', 'http://127.0.0.1:1', 60_000);
    const { port } = new URL(url);
    const pg = `postgresql://u:planted-secret@nowhere.test:${port}/d?connect_timeout=1`;
    const begun = performance.now();
    const failures = await Promise.all([
      failure(database(pg).connect()),
      failure(queue(pg, 1)),
      failure(queue(`redis://u:planted-secret@nowhere.test:${port}`, 1)),
      failure(client(url).send({ method: 'GET', path: '/health', watchdogMs: 5_000 })),
      failure(serviceClient(url, null, { connectTimeoutSeconds: 1 }).get('/x')),
    ]);
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(failures.map(({ code }) => code)).toEqual([
      'TARGET_UNAVAILABLE',
      'QUEUE_UNAVAILABLE',
      'QUEUE_UNAVAILABLE',
      'SEARCH_UNAVAILABLE',
      'CONFIG_SERVICE_UNREACHABLE',
    ]);
    for (const { message } of failures) {
      expect(message).toContain(`${slow}:${port}: it did not answer in time (ETIMEDOUT); ${shut}:${port}: `);
      expect(message).toContain('nothing listens there, or it refuses connections (ECONNREFUSED)');
      expect(message).not.toContain('planted-secret');
    }
  });

  it.concurrent('that takes connections and says nothing does not hold anybody up', async () => {
    const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closers.push(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const pg = `postgresql://u:p@127.0.0.1:${port}/d?connect_timeout=1`;
    const failures = await Promise.all([
      failure(database(pg).connect()),
      failure(queue(pg, 1)),
      failure(queue(`redis://127.0.0.1:${port}`, 1)),
      failure(client(`http://127.0.0.1:${port}`).send({ method: 'GET', path: '/health', watchdogMs: 500 })),
    ]);
    expect(failures.map(({ code }) => code)).toEqual([
      'TARGET_UNAVAILABLE',
      'QUEUE_UNAVAILABLE',
      'QUEUE_UNAVAILABLE',
      'SEARCH_UNAVAILABLE',
    ]);
    expect(failures[0]?.message).toContain('it did not answer in time (ETIMEDOUT)');
  });
});
