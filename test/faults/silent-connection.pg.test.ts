import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { copyIn, copyOut } from '../../src/postgres/copy.ts';
import { Database } from '../../src/postgres/database.ts';
import type { Session } from '../../src/postgres/session.ts';
import { databaseError } from '../../src/postgres/sqlstate.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';

let target: TestDatabase;
let proxy: FaultProxy;
const open: Database[] = [];

beforeAll(async () => {
  target = await testDatabase('silent');
  proxy = await startFaultProxy(target.url);
  await target.query('CREATE TABLE t (v text)');
});

afterAll(async () => {
  for (const database of open) await database.close();
});

/** A database behind the proxy that takes 100 ms of silence for a long time, and waits a second for a connection. */
function throughProxy(): Database {
  const url = `${proxy.through(target.url)}?connect_timeout=1`;
  const database = new Database({
    url: parseDatabaseUrl('TEST_DATABASE_URL', url),
    side: 'target',
    access: 'write',
    applicationName: 'multiboard-sync silent',
    silenceMs: 100,
  });
  open.push(database);
  return database;
}

afterEach(() => proxy.heal());

const never = (): AbortSignal => new AbortController().signal;
const lost = { code: 'TARGET_UNAVAILABLE' };
const asTarget = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    throw databaseError(error, 'target', 'Working');
  });

const works: readonly [string, (session: Session) => Promise<unknown>][] = [
  ['a statement', (session) => session.execute('SELECT 1')],
  ['a statement that may be cancelled', (session) => session.execute('SELECT 1', { signal: never() })],
  [
    'rows on their way in',
    (session) =>
      copyIn(
        session,
        'COPY t FROM stdin',
        Readable.from(
          (function* () {
            for (let n = 0; n < 1e6; n += 1) yield `${'x'.repeat(1000)}\n`;
          })(),
        ),
        { signal: never() },
      ),
  ],
  [
    'rows on their way out',
    (session) =>
      copyOut(
        session,
        "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000)) TO STDOUT",
        { signal: never() },
        (rows) => pipeline(rows, new Writable({ write: (_chunk, _encoding, done) => done() })),
      ),
  ],
];

test.each(works)('a connection that goes silent during %s is given up', async (_what, work) => {
  const session = await throughProxy().connect();
  proxy.halfOpen();
  await expect(asTarget(work(session))).rejects.toMatchObject(lost);
  expect(session.broken).toBe(true);
  await session.release();
});

test('a statement that takes its time is left alone', async () => {
  const session = await throughProxy().connect();
  await session.execute('SELECT pg_sleep(1)');
  await session.release();
});

test('a connection that goes silent while it is opened is given up', async () => {
  const database = throughProxy();
  // The greeting comes through; the first statement stays unanswered.
  proxy.stallAt('set_config');
  await expect(database.connect()).rejects.toMatchObject(lost);
});

test('a cancel does not wait for a server that is silent', async () => {
  const session = await throughProxy().connect();
  proxy.halfOpen();
  const reason = new Error('cancelled');
  const waiting = session
    .execute('SELECT pg_sleep(60)', { signal: AbortSignal.timeout(50) })
    .catch(() => reason);
  expect(await waiting).toBe(reason);
  await session.release();
});

test('connections asked for at once share one pool, which closes with the database', async () => {
  const database = throughProxy();
  const sessions = await Promise.all([database.connect(), database.connect(), database.connect()]);
  for (const session of sessions) await session.release();
  await database.close();
  // The file's end looks for sessions that are still there.
  await expect(database.connect()).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('the server is told to notice when we are gone', async () => {
  const session = await throughProxy().connect();
  const rows = await session.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_%' OR name = 'client_connection_check_interval' ORDER BY name`,
  );
  await session.release();
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    client_connection_check_interval: '5000',
    tcp_keepalives_count: '3',
    tcp_keepalives_idle: '30',
    tcp_keepalives_interval: '10',
    tcp_user_timeout: '60000',
  });
});
