import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import { Secret } from '../lib/secret.ts';
import { Transport } from './transport.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(answer: RequestListener, path = ''): Promise<Transport> {
  const server: Server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = new Transport(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
    apiKey: new Secret('planted-key'),
  });
  closers.push(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });
  return transport;
}

const get = (
  signal?: AbortSignal,
): { method: string; path: string; watchdogMs: number; signal?: AbortSignal } => ({
  method: 'GET',
  path: '/x?secret=1',
  watchdogMs: 300,
  ...(signal === undefined ? {} : { signal }),
});

async function body(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

test('sends key, length and body, below the path of the node', async () => {
  const transport = await serve((request, response) => {
    void body(request).then((sent) => {
      const { url, headers } = request;
      response.end(
        JSON.stringify([url, headers['x-typesense-api-key'], headers['content-length'], sent.length]),
      );
    });
  }, '/search/');
  const sent = Buffer.alloc(300_000, 0x61);
  const answer = await transport.send({ method: 'POST', path: '/y?a=1', body: sent, watchdogMs: 5000 });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toEqual(['/search/y?a=1', 'planted-key', '300000', 300_000]);
});

test('any status is an answer, also one that comes before the upload ended', async () => {
  const transport = await serve((_request, response) => {
    response.writeHead(401, { connection: 'close' }).end('{"message":"no"}');
  });
  const sent = Buffer.alloc(32 * 1024 * 1024);
  const answer = await transport.send({ method: 'POST', path: '/y', body: sent, watchdogMs: 5000 });
  expect(answer).toMatchObject({ status: 401, text: '{"message":"no"}' });
});

test.each<[string, RequestListener, string]>([
  ['no answer at all', () => {}, 'nothing moved'],
  ['an answer that stops half way', (_request, response) => void response.write('half'), 'nothing moved'],
  ['a connection that is closed', (request) => void request.socket.destroy(), 'the connection was cut'],
  [
    'an answer cut short',
    (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => request.socket.destroy());
    },
    'the connection was cut',
  ],
  [
    'a chunked answer cut short',
    (request, response) => {
      response.write('half', () => request.socket.destroy());
    },
    'the connection was cut',
  ],
])('%s is SEARCH_UNAVAILABLE, without query or key in the message', async (_what, answer, says) => {
  const transport = await serve(answer);
  const error = await transport.send(get()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'SEARCH_UNAVAILABLE' });
  const { message, stack } = error as Error;
  expect(message).toContain(says);
  expect(`${message} ${stack}`).not.toMatch(/planted-key|secret=1/);
});

test('a slow answer that keeps moving outlives the watchdog', async () => {
  const transport = await serve((_request, response) => {
    let left = 8;
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) {
        response.write('x');
        return;
      }
      clearInterval(timer);
      response.end();
    }, 100);
  });
  expect((await transport.send(get())).text).toBe('xxxxxxx');
});

test('a process that was busy for longer than the watchdog reads what has come in the meantime', async () => {
  let busy = (): void => {};
  const transport = await serve((_request, response) => {
    response.write('x');
    busy = () => {
      response.end('y');
      const until = performance.now() + 500;
      while (performance.now() < until);
    };
  });
  const { chunks } = await transport.stream(get());
  const read = [];
  for await (const chunk of chunks) {
    read.push(chunk.toString());
    if (read.length === 1) setTimeout(() => busy(), 50);
  }
  expect(read).toEqual(['x', 'y']);
});

test('an abort rejects with its reason, before and during the request', async () => {
  const reason = new SyncError('CANCELLED', 'cancelled');
  const controller = new AbortController();
  const transport = await serve(() => controller.abort(reason));
  await expect(transport.send({ ...get(controller.signal), watchdogMs: 60_000 })).rejects.toBe(reason);
  await expect(transport.send(get(controller.signal))).rejects.toBe(reason);
});

test('a stream that is not read to its end lets go of the connection', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const transport = await serve((_request, response) => {
    closed = once(response, 'close');
    const write = (): void => {
      while (response.write(Buffer.alloc(65_536)));
      response.once('drain', write);
    };
    write();
  });
  const { chunks } = await transport.stream({ ...get(), watchdogMs: 5000 });
  for await (const chunk of chunks) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  await closed;
});
