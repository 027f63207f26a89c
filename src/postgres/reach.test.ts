import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';
import { Database } from './database.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** What a connection to something that answers with these bytes comes to. */
async function outcome(answer: Buffer): Promise<SyncError> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(answer));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await using database = new Database({
    url: parseDatabaseUrl(
      'TEST_URL',
      `postgresql://u:p@127.0.0.1:${port}/d?sslmode=disable&connect_timeout=1`,
    ),
    side: 'target',
    access: 'write',
    applicationName: 'multiboard-sync test',
  });
  const thrown: unknown = await database.connect().then(
    () => new Error('It connected.'),
    (error: unknown) => error,
  );
  if (thrown instanceof SyncError) return thrown;
  throw thrown;
}

/** A message of the server: its letter, its length, its content. */
function message(letter: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5, letter);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}
const authentication = (code: number, more = ''): Buffer => {
  const head = Buffer.alloc(4);
  head.writeInt32BE(code);
  return message('R', Buffer.concat([head, Buffer.from(more, 'latin1')]));
};

test.concurrent.each([
  ['Kerberos', authentication(2)],
  ['GSSAPI', authentication(7)],
  ['SSPI', authentication(9)],
  ['a mechanism that nobody here knows', authentication(10, 'OAUTHBEARER\0\0')],
])('a server that asks for %s ends the attempt, not the process', async (_what, answer) => {
  const { code, message: said } = await outcome(answer);
  expect([code, said]).toEqual(['AUTH_DATABASE', expect.stringContaining('asks for a login')]);
});

test.concurrent.each([
  ['nothing that PostgreSQL says', Buffer.from('220 mail.test ESMTP\r\n')],
  ['a message without an end', Buffer.concat([Buffer.from('S'), Buffer.alloc(4, 0xff)])],
])('what answers with %s is no server to talk to', async (_what, answer) => {
  expect((await outcome(answer)).code).toBe('TARGET_UNAVAILABLE');
});
