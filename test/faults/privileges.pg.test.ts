import { beforeAll, expect, test } from 'vitest';
import { failure } from '../harness/failure.ts';
import { privatePostgres, testRole } from '../support/postgres.ts';
import type { PrivatePostgres, TestRole } from '../support/postgres.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { connected } from '../harness/applications.ts';
import { besides, leftovers, oldOrNew } from '../harness/aftermath.ts';
import { benchOf, smallModels } from '../harness/models.ts';
import type { ModelBench, Models } from '../harness/models.ts';

let models: Models;

beforeAll(async () => {
  models = await smallModels();
});

/** A target that belongs to a role of these attributes, and is reached as that role. */
async function ownedBy(attributes: string): Promise<{ bench: ModelBench; role: TestRole }> {
  const bench = await benchOf(models);
  const role = await testRole({ attributes });
  await bench.target.query(`ALTER DATABASE "${bench.target.name}" OWNER TO "${role.name}"`);
  await bench.target.query(
    `ALTER SCHEMA public OWNER TO "${role.name}"; ALTER TABLE part OWNER TO "${role.name}"; ALTER TABLE note OWNER TO "${role.name}"`,
  );
  return { bench: bench.with({ DST_DATABASE_URL: as(bench.target.url, role) }), role };
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
  const { bench } = await ownedBy('NOCREATEDB');
  const receipt = await bench.sync('auto', plain);
  expect(receipt).toMatchObject({ mode: 'in-place', modeReason: expect.stringContaining('CREATEDB') });
  expect(await oldOrNew(bench)).toBe('new');
});

test('asked for replace, such a role is refused before anything is read or written', async () => {
  const { bench } = await ownedBy('NOCREATEDB');
  const error = await failure(bench.sync('replace', plain));
  expect(error).toMatchObject({ code: 'TARGET_PRIVILEGE', message: expect.stringContaining('CREATEDB') });
  expect(await oldOrNew(bench)).toBe('old');
});

test('an owner that may create databases replaces without being a superuser', async () => {
  const { bench } = await ownedBy('CREATEDB');
  expect(await bench.sync('auto', plain)).toMatchObject({ mode: 'replace' });
  expect(await oldOrNew(bench)).toBe('new');
  expect(await leftovers(bench)).toEqual([]);
});

test('a session that the role may not end changes nothing of the mode: it is in the way, and named', async () => {
  const { bench } = await ownedBy('CREATEDB');
  await connected(bench.target.url);
  const error = await failure(bench.sync('auto', plain));
  expect([error.code, error.message]).toEqual([
    'CONFLICT_TARGET_IN_USE',
    expect.stringMatching(/may not end the session\(s\) pid \d+ \(postgres\)/),
  ]);
  expect(error.hint).toContain('--mode in-place');
  expect(await oldOrNew(bench)).toBe('old');
  expect(await bench.sync('in-place', plain)).toMatchObject({ mode: 'in-place' });
  expect(await oldOrNew(bench)).toBe('new');
});

test('one that comes when the mode is chosen already: the run gives up, names it, and clears up', async () => {
  const { bench } = await ownedBy('CREATEDB');
  let coming: Promise<unknown> = Promise.resolve();
  // The way to the source is slow enough for it to be there in time.
  const source = await startFaultProxy(models.source.url);
  const slow = bench.with({ SRC_DATABASE_URL: source.through(models.source.url) });
  const error = await failure(
    slow.sync(
      'auto',
      { ...plain, backup: 'kept' },
      {
        onStep: (step) => {
          if (step === 'load') coming = connected(bench.target.url);
        },
      },
    ),
  );
  await coming;
  expect(error).toMatchObject({
    code: 'CONFLICT_TARGET_IN_USE',
    message: expect.stringContaining('an application'),
  });
  expect(await oldOrNew(bench)).toBe('old');
  expect(await besides(bench.target)).toEqual([]);
});

test('a role that does not own the target', async () => {
  const { bench } = await ownedBy('NOCREATEDB');
  const stranger = await testRole({ attributes: 'CREATEDB' });
  const strange = bench.with({ DST_DATABASE_URL: as(bench.target.url, stranger) });
  const error = await failure(strange.sync('auto', plain));
  expect(error.code).toBe('TARGET_PRIVILEGE');
  expect(await oldOrNew(bench)).toBe('old');
  expect(await leftovers(bench)).toEqual([]);
});

test('a source whose tables the role may not read', async () => {
  const bench = await benchOf(models);
  const role = await testRole();
  const blind = bench.with({ SRC_DATABASE_URL: as(models.source.url, role) });
  expect(await failure(blind.sync('auto'))).toMatchObject({ code: 'SOURCE_NOT_READABLE' });
  expect(await oldOrNew(bench)).toBe('old');
});

test('two host names of one database', async () => {
  const bench = await benchOf(models);
  const other = new URL(bench.target.url);
  other.hostname = 'localhost';
  const same = bench.with({ SRC_DATABASE_URL: other.href });
  expect(await failure(same.sync('auto'))).toMatchObject({ code: 'CONFLICT_SAME_DATABASE' });
  expect(await oldOrNew(bench)).toBe('old');
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
  const bench = await benchOf(models);
  const wrong = bench.with({ DST_DATABASE_URL: change(new URL(bench.target.url)).href });
  expect((await failure(wrong.sync('auto'))).code).toBe(code);
});

test('a second run on the same target is refused at once, and names the first', async () => {
  const bench = await benchOf(models);
  const source = await startFaultProxy(models.source.url);
  const first = new AbortController();
  const slow = bench.with({ SRC_DATABASE_URL: source.through(models.source.url) });
  const begun = new Promise<void>((resolve) => {
    const running = slow.sync(
      'auto',
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
  const error = await failure(bench.sync('auto'));
  expect(error).toMatchObject({
    code: 'CONFLICT_TARGET_BUSY',
    message: expect.stringContaining('the-first'),
  });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  first.abort(new Error('the test is over'));
  source.heal();
  await Promise.allSettled(atEnd);
  expect(await leftovers(bench)).toEqual([]);
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
  const bench = await benchOf(models);
  const held = bench.with({ DST_DATABASE_URL: url });
  const error = await failure(held.sync('auto', { backup: 'file' }));
  expect([error.code, error.message]).toEqual([
    'CONFLICT_TARGET_IN_USE',
    expect.stringContaining('replication slot "a_slot"'),
  ]);
  expect(error.message).toContain('prepared transaction "a transaction"');
  expect(await held.sync('in-place', { backup: 'file' })).toMatchObject({ mode: 'in-place' });
  expect(await queryOnce(url, 'SELECT count(*)::int AS n FROM part')).toEqual([{ n: 1000 }]);
});
