import { beforeAll, expect, test } from 'vitest';
import type { Receipt } from '../../src/sync/contract/receipts.ts';
import { failure } from '../harness/failure.ts';
import { privatePostgres, testRole } from '../support/postgres.ts';
import type { PrivatePostgres, TestRole } from '../support/postgres.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { connected } from '../harness/applications.ts';
import { besides, leftovers, smallModels, stateOf, sync, workshop } from '../harness/workshop.ts';
import type { Models, Workshop } from '../harness/workshop.ts';

let models: Models;

beforeAll(async () => {
  models = await smallModels();
});

/** A target that belongs to a role of these attributes, and is reached as that role. */
async function ownedBy(attributes: string): Promise<{ shop: Workshop; role: TestRole }> {
  const shop = await workshop(models);
  const role = await testRole({ attributes });
  await shop.target.query(`ALTER DATABASE "${shop.target.name}" OWNER TO "${role.name}"`);
  await shop.target.query(
    `ALTER SCHEMA public OWNER TO "${role.name}"; ALTER TABLE part OWNER TO "${role.name}"; ALTER TABLE note OWNER TO "${role.name}"`,
  );
  return { shop: { ...shop, env: { ...shop.env, DST_DATABASE_URL: as(shop.target.url, role) } }, role };
}

function as(address: string, role: TestRole): string {
  const url = new URL(address);
  url.username = role.name;
  url.password = role.password;
  return url.href;
}

/** Owners are the source's: a role that is no superuser cannot give its objects to others. */
const plain = { owners: false, privileges: false } as const;

test('a role that may not create databases: in place, and the receipt says why', async () => {
  const { shop } = await ownedBy('NOCREATEDB');
  const receipt = (await sync(shop, plain)) as Receipt;
  expect(receipt).toMatchObject({ mode: 'in-place', modeReason: expect.stringContaining('CREATEDB') });
  expect(await stateOf(shop)).toBe('new');
});

test('asked for replace, such a role is refused before anything is read or written', async () => {
  const { shop } = await ownedBy('NOCREATEDB');
  const error = await failure(sync(shop, { ...plain, mode: 'replace' }));
  expect(error).toMatchObject({ code: 'TARGET_PRIVILEGE', message: expect.stringContaining('CREATEDB') });
  expect(await stateOf(shop)).toBe('old');
});

test('an owner that may create databases replaces without being a superuser', async () => {
  const { shop } = await ownedBy('CREATEDB');
  expect(await sync(shop, plain)).toMatchObject({ mode: 'replace' });
  expect(await stateOf(shop)).toBe('new');
  expect(await leftovers(shop)).toEqual([]);
});

test('a session that the role may not end changes nothing of the mode: it is in the way, and named', async () => {
  const { shop } = await ownedBy('CREATEDB');
  await connected(shop.target.url);
  const error = await failure(sync(shop, plain));
  expect([error.code, error.message]).toEqual([
    'CONFLICT_TARGET_IN_USE',
    expect.stringMatching(/may not end the session\(s\) pid \d+ \(postgres\)/),
  ]);
  expect(error.hint).toContain('--mode in-place');
  expect(await stateOf(shop)).toBe('old');
  expect(await sync(shop, { ...plain, mode: 'in-place' })).toMatchObject({ mode: 'in-place' });
  expect(await stateOf(shop)).toBe('new');
});

test('one that comes when the mode is chosen already: the run gives up, names it, and clears up', async () => {
  const { shop } = await ownedBy('CREATEDB');
  let coming: Promise<unknown> = Promise.resolve();
  // The way to the source is slow enough for it to be there in time.
  const source = await startFaultProxy(models.source.url);
  const slow = { ...shop, env: { ...shop.env, SRC_DATABASE_URL: source.through(models.source.url) } };
  const error = await failure(
    sync(
      slow,
      { ...plain, backup: 'kept' },
      {
        onStep: (step) => {
          if (step === 'load') coming = connected(shop.target.url);
        },
      },
    ),
  );
  await coming;
  expect(error).toMatchObject({
    code: 'CONFLICT_TARGET_IN_USE',
    message: expect.stringContaining('an application'),
  });
  expect(await stateOf(shop)).toBe('old');
  expect(await besides(shop.target)).toEqual([]);
});

test('a role that does not own the target', async () => {
  const { shop } = await ownedBy('NOCREATEDB');
  const stranger = await testRole({ attributes: 'CREATEDB' });
  const strange = { ...shop, env: { ...shop.env, DST_DATABASE_URL: as(shop.target.url, stranger) } };
  const error = await failure(sync(strange, plain));
  expect(error.code).toBe('TARGET_PRIVILEGE');
  expect(await stateOf(shop)).toBe('old');
  expect(await leftovers(shop)).toEqual([]);
});

test('a source whose tables the role may not read', async () => {
  const shop = await workshop(models);
  const role = await testRole();
  const blind = { ...shop, env: { ...shop.env, SRC_DATABASE_URL: as(models.source.url, role) } };
  expect(await failure(sync(blind))).toMatchObject({ code: 'SOURCE_NOT_READABLE' });
  expect(await stateOf(shop)).toBe('old');
});

test('two host names of one database', async () => {
  const shop = await workshop(models);
  const other = new URL(shop.target.url);
  other.hostname = 'localhost';
  const same = { ...shop, env: { ...shop.env, SRC_DATABASE_URL: other.href } };
  expect(await failure(sync(same))).toMatchObject({ code: 'CONFLICT_SAME_DATABASE' });
  expect(await stateOf(shop)).toBe('old');
});

test.each([
  ['a wrong password', (url: URL) => Object.assign(url, { password: 'wrong' }), 'AUTH_DATABASE'],
  [
    'a database that is not there',
    (url: URL) => Object.assign(url, { pathname: '/no_such' }),
    'TARGET_UNAVAILABLE',
  ],
  ['a server that is not there', (url: URL) => Object.assign(url, { port: '1' }), 'TARGET_UNAVAILABLE'],
])('%s of the target', async (_what, change, code) => {
  const shop = await workshop(models);
  const wrong = { ...shop, env: { ...shop.env, DST_DATABASE_URL: change(new URL(shop.target.url)).href } };
  expect((await failure(sync(wrong))).code).toBe(code);
});

test('a second run on the same target is refused at once, and names the first', async () => {
  const shop = await workshop(models);
  const source = await startFaultProxy(models.source.url);
  const first = new AbortController();
  const slow = { ...shop, env: { ...shop.env, SRC_DATABASE_URL: source.through(models.source.url) } };
  const begun = new Promise<void>((resolve) => {
    const running = sync(
      slow,
      {},
      {
        jobId: 'the-first',
        signal: first.signal,
        onStep: (step) => {
          if (step !== 'check') return;
          source.throttle(100);
          resolve();
        },
      },
    );
    running.catch(() => {});
    atEnd.push(running);
  });
  await begun;
  const startedAt = performance.now();
  const error = await failure(sync(shop));
  expect(error).toMatchObject({
    code: 'CONFLICT_TARGET_BUSY',
    message: expect.stringContaining('the-first'),
  });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  first.abort(new Error('the test is over'));
  source.heal();
  await Promise.allSettled(atEnd);
  expect(await leftovers(shop)).toEqual([]);
});

const atEnd: Promise<unknown>[] = [];

test('a replication slot, a prepared transaction: what holds on to the target is in the way of replace, and not of in-place', async () => {
  const server: PrivatePostgres = await privatePostgres({
    wal_level: 'logical',
    max_prepared_transactions: '5',
  });
  await queryOnce(server.url, 'CREATE DATABASE held');
  const url = server.urlOf('held');
  await queryOnce(url, 'CREATE TABLE part (id int PRIMARY KEY); CREATE TABLE note (id int)');
  await queryOnce(url, `SELECT pg_create_logical_replication_slot('a_slot', 'pgoutput')`);
  await queryOnce(url, `BEGIN; PREPARE TRANSACTION 'a transaction'`);
  const shop = await workshop(models);
  const held = { ...shop, env: { ...shop.env, DST_DATABASE_URL: url } };
  const error = await failure(sync(held, { backup: 'file' }));
  expect([error.code, error.message]).toEqual([
    'CONFLICT_TARGET_IN_USE',
    expect.stringContaining('replication slot "a_slot"'),
  ]);
  expect(error.message).toContain('prepared transaction "a transaction"');
  expect(await sync(held, { backup: 'file', mode: 'in-place' })).toMatchObject({ mode: 'in-place' });
  expect(await queryOnce(url, 'SELECT count(*)::int AS n FROM part')).toEqual([{ n: 1000 }]);
});
