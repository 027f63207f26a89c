import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { io } from 'socket.io-client';
import { heard, planted, startTestService } from './harness.ts';
import type { ServiceOptions, TestService } from './harness.ts';

const authorization = { Authorization: `Bearer ${planted.apiKey}` };
const open: TestService[] = [];
async function start(options: ServiceOptions): Promise<TestService> {
  const service = await startTestService(options);
  open.push(service);
  return service;
}

/** `fetch` sets Host, Origin and Sec-Fetch-Site itself; a rebound page's request is written by hand. */
async function raw(
  service: TestService,
  options: { method?: string; path: string; headers: Readonly<Record<string, string>> },
): Promise<{ status: number; body: string }> {
  const sent = request({ port: service.port, host: '127.0.0.1', method: 'GET', ...options });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
}

describe('with a key of its own making', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ localOnly: true });
  });
  afterAll(async () => {
    await service.stop();
  });

  it('serves programs and its own page on this machine', async () => {
    expect((await service.call('GET', '/api/jobs')).status).toBe(200);
    // Another user of the machine reaches the port as well.
    for (const path of ['/api/jobs', '/api/dumps', '/metrics', '/api/page-link'])
      expect((await service.call('GET', path, { key: null })).status).not.toBe(200);
    expect((await service.call('POST', '/api/page-link', { key: null, body: {} })).status).toBe(401);
    const own = `localhost:${service.port}`;
    const page = { ...authorization, Host: own, Origin: `http://${own}`, 'Sec-Fetch-Site': 'same-origin' };
    expect((await raw(service, { path: '/api/jobs', headers: page })).status).toBe(200);
  });

  it.each([
    ['a rebound name', { Host: 'rebound.example.org' }],
    ['a page of another origin', { Host: 'localhost', Origin: 'http://example.org' }],
    ['a page on another port', { Host: 'localhost', Origin: 'http://localhost:3000' }],
    ['a link or form of another site', { Host: 'localhost', 'Sec-Fetch-Site': 'cross-site' }],
    ['a sandboxed page', { Host: 'localhost', Origin: 'null' }],
  ])('refuses %s, for every kind of address', async (_what, headers) => {
    for (const path of ['/', '/api/jobs', '/metrics', '/health', '/api/openapi.json', '/page.js']) {
      const { status, body } = await raw(service, { path, headers });
      expect([path, status, JSON.parse(body).code]).toEqual([path, 403, 'AUTH_ORIGIN_REFUSED']);
    }
    const write = await raw(service, { method: 'POST', path: '/api/jobs/x/cancel', headers });
    expect(write.status).toBe(403);
  });

  it('refuses a socket of a foreign page, by either transport', async () => {
    for (const transport of ['polling', 'websocket']) {
      const socket = io(service.url, {
        transports: [transport],
        reconnection: false,
        extraHeaders: { Origin: 'http://example.org' },
      });
      await heard(socket, 'connect_error');
      expect(socket.connected).toBe(false);
      socket.disconnect();
    }
    const own = io(service.url, { reconnection: false, auth: { token: planted.apiKey } });
    await heard(own, 'connect');
    own.disconnect();
  });
});

describe('with a key', () => {
  afterEach(async () => {
    for (const service of open.splice(0)) await service.stop();
  });

  it('listens beyond loopback, and a foreign Host is nobody’s concern', async () => {
    const service = await start({ host: '0.0.0.0' });
    const headers = { Host: 'sync.example.org', ...authorization };
    expect((await raw(service, { path: '/api/jobs', headers })).status).toBe(200);
    expect((await raw(service, { path: '/api/jobs', headers: { Host: 'sync.example.org' } })).status).toBe(
      401,
    );
  });

  it('says which port is taken', async () => {
    const service = await start({});
    const { http, environments } = { http: { port: service.port }, environments: new Map() };
    await expect(
      startTestService({
        deps: {
          config: {
            environments,
            http: { ...http, host: '127.0.0.1', requestsPerMinute: 10 },
          },
        },
      }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('EADDRINUSE') });
  });

  it('limits requests and handshakes together, also with wrong keys; health stays', async () => {
    const service = await start({ requestsPerMinute: 6 });
    for (let n = 0; n < 5; n += 1) {
      expect((await service.call('GET', '/api/jobs', { key: 'guess' })).status).toBe(401);
    }
    const socket = service.socket();
    await heard(socket, 'connect');
    const refused = await service.call('GET', '/api/jobs');
    expect([refused.status, refused.json.code]).toEqual([429, 'USAGE_TOO_MANY_REQUESTS']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const late = service.socket();
    await heard(late, 'connect_error');
    expect((await service.call('GET', '/health')).status).toBe(200);
    expect((await service.call('GET', '/', { key: null })).status).toBe(200);
  });

  it.each(['/api/openapi.json', '/health', '/socket.io/?EIO=4&transport=polling'])(
    'is not kept busy nor closed to its key by a flood of %s without one',
    async (path) => {
      const service = await start({ requestsPerMinute: 20 });
      const over = performance.now() + 1_000;
      let answers = 0;
      const flood = Array.from({ length: 15 }, async () => {
        while (performance.now() < over) {
          await (await fetch(`${service.url}${path}`)).arrayBuffer();
          answers += 1;
        }
      });
      for (let n = 0; n < 5; n += 1) {
        expect((await service.call('GET', '/api/jobs')).status).toBe(200);
      }
      await Promise.all(flood);
      // 20 at once, then each of the 15 has one in half a second.
      expect(answers).toBeLessThan(20 + 15 * 4);
      expect(service.logText().split('is over its limit').length).toBeLessThanOrEqual(2);
      const last = await fetch(`${service.url}${path}`);
      expect(last.status).toBe({ '/health': 200, '/api/openapi.json': 429 }[path] ?? 403);
    },
  );

  it('tells by no answer of an open address whether a key is right', async () => {
    const service = await start({ requestsPerMinute: 3 });
    const ask = async (key: string): Promise<number> =>
      (await service.call('GET', '/api/openapi.json', { key })).status;
    expect([await ask('wrong'), await ask('guess'), await ask(planted.apiKey)]).toEqual([200, 200, 200]);
    expect([await ask('again'), await ask(planted.apiKey)]).toEqual([429, 429]);
  });

  it('does not believe a caller’s X-Forwarded-For', async () => {
    const service = await start({ requestsPerMinute: 2 });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const headers = { 'X-Forwarded-For': `10.0.0.${n}` };
      statuses.push((await service.call('GET', '/api/jobs', { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});
