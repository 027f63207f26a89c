import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface CountingProxy {
  readonly url: string;
  /** Event streams that were asked for, and WebSockets. */
  readonly streams: () => number;
  readonly sockets: () => number;
  stop(): void;
}

/** Stands before a service as a reverse proxy does, and counts; passes on upgrades, or none as some do. */
export async function startCountingProxy(port: number, upgrades: boolean): Promise<CountingProxy> {
  let [streams, sockets] = [0, 0];
  const server = createServer((incoming, answer) => {
    if (incoming.url?.endsWith('/stream') === true) streams += 1;
    const onward = request(
      { port, host: '127.0.0.1', path: incoming.url, method: incoming.method, headers: incoming.headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.on('upgrade', (incoming, socket, head) => {
    if (!upgrades) {
      socket.destroy();
      return;
    }
    sockets += 1;
    const onward = connect(port, '127.0.0.1');
    const names = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    onward.write(`GET ${incoming.url} HTTP/1.1\r\n${names.join('')}\r\n`);
    onward.write(head);
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    onward.pipe(socket).pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams: () => streams,
    sockets: () => sockets,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
