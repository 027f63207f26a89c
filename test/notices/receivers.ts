import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Respond = (
  index: number,
) => { readonly status: number; readonly headers?: Record<string, string> } | null;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A real HTTP server that takes messages; null keeps it silent. */
export async function webReceiver(
  respond: Respond = () => ({ status: 200 }),
): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      const answer = respond(received.length - 1);
      if (answer === null) return;
      response.writeHead(answer.status, answer.headers);
      // More than anybody should read.
      response.end('x'.repeat(1_000_000));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

/** What a receiver does with a signature. */
export function signs({ headers, body }: Received, secret: string): boolean {
  const seconds = String(headers['x-multiboard-sync-timestamp']);
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return headers['x-multiboard-sync-signature'] === `sha256=${expected}`;
}

/** A real SMTP server for one message a connection, without TLS and log-in. */
export async function mailReceiver(
  refuseRcpt = false,
): Promise<{ readonly url: string; readonly mails: string[]; readonly commands: string[] }> {
  const mails: string[] = [];
  const commands: string[] = [];
  const server = createTcpServer((socket) => {
    let data: string | null = null;
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.write('220 test ESMTP\r\n');
    socket.on('data', (chunk) => {
      rest += String(chunk);
      const lines = rest.split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (data !== null) {
          if (line === '.') {
            mails.push(data);
            data = null;
            socket.write('250 taken\r\n');
          } else data += `${line}\n`;
          continue;
        }
        commands.push(line);
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'EHLO') socket.write('250-test\r\n250 8BITMIME\r\n');
        else if (verb === 'STAR') socket.write('502 not here\r\n');
        else if (verb === 'RCPT' && refuseRcpt) socket.write('550 no such person\r\n');
        else if (verb === 'DATA') {
          data = '';
          socket.write('354 go on\r\n');
        } else if (verb === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.close();
    await once(server, 'close');
  });
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, mails, commands };
}
