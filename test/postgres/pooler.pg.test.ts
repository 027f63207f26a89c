import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { Database } from '../../src/postgres/database.ts';
import { refuseTransactionPooler } from '../../src/postgres/pooler.ts';
import { lacks } from '../support/lacks.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { testDatabase } from '../support/postgres.ts';
import { planSync } from '../../src/sync/verbs/plan.ts';
import { createBench, modes } from '../harness/environment-pair.ts';
import type { Bench, Mode } from '../harness/environment-pair.ts';
import { failure } from '../harness/failure.ts';
import { startPooler } from './pooler-server.ts';

const databaseAt = (url: string): Database =>
  new Database({
    url: parseDatabaseUrl('TEST_URL', url),
    side: 'source',
    access: 'read',
    applicationName: 'multiboard-sync test',
  });

/** The same configuration with that database as one that is only read. */
function withSourceOnly(config: Config, url: string): Config {
  const dst = config.environments.get('dst');
  if (dst === undefined) throw new Error('no target');
  const production = {
    ...dst,
    name: 'production',
    database: parseDatabaseUrl('TEST_URL', url),
    protection: 'source-only' as const,
  };
  return { ...config, environments: new Map([...config.environments, ['production', production]]) };
}

async function refusal(url: string): Promise<SyncError> {
  await using database = databaseAt(url);
  const thrown: unknown = await refuseTransactionPooler(database).then(
    () => new Error('It was not refused.'),
    (error: unknown) => error,
  );
  if (thrown instanceof SyncError) return thrown;
  throw thrown;
}

const pinned = `SELECT current_setting('default_transaction_read_only') AS read_only,
  current_setting('search_path') AS path, pg_backend_pid() AS pid`;
interface Pinned {
  readonly read_only: string;
  readonly path: string;
  readonly pid: number;
}

test('a direct connection passes, and is pinned', async () => {
  const { url } = await testDatabase();
  await using database = databaseAt(url);
  await refuseTransactionPooler(database);
  await database.withSession(async (session) => {
    expect(await session.query<Pinned>(pinned)).toEqual([{ read_only: 'on', path: '', pid: session.pid }]);
  });
});

test('an address that says pgbouncer=true is tried like any other: here it leads to the server itself', async () => {
  const { url } = await testDatabase();
  await using database = databaseAt(`${url}?pgbouncer=true`);
  await refuseTransactionPooler(database);
});

describe.skipIf(lacks('pgbouncer'))('behind PgBouncer', () => {
  test.each([
    ['the last used server first', { server_round_robin: '0' }],
    ['the longest unused server first', { server_round_robin: '1', min_pool_size: '3' }],
    ['one server only', { default_pool_size: '1' }],
  ])('transaction mode is refused, %s, and nothing stays pinned on its servers', async (_name, settings) => {
    const { name } = await testDatabase();
    const pooler = await startPooler({ pool_mode: 'transaction', ...settings });
    const url = pooler.urlOf(name);
    // An application has been there before us: its idle servers wait in the pool.
    await Promise.all([1, 2, 3].map(() => queryOnce(url, 'SELECT pg_sleep(0.05)')));
    const error = await refusal(url);
    expect(error.code).toBe('CONFIG_POOLER');
    expect(error.hint).toContain('direct');
    for (let round = 0; round < 6; round += 1) {
      const [row] = await queryOnce(url, pinned);
      expect(row).toMatchObject({ read_only: 'off', path: '"$user", public' });
    }
  });

  test('transaction mode is refused while an application keeps the pool busy', async () => {
    const { name } = await testDatabase();
    const pooler = await startPooler({ pool_mode: 'transaction', default_pool_size: '4' });
    const url = pooler.urlOf(name);
    const stop = new AbortController();
    const application = [1, 2, 3].map(async () => {
      while (!stop.signal.aborted) await queryOnce(url, 'SELECT pg_sleep(0.002)');
    });
    try {
      for (let round = 0; round < 5; round += 1) expect((await refusal(url)).code).toBe('CONFIG_POOLER');
    } finally {
      stop.abort();
      await Promise.all(application);
    }
  });

  test('statement mode is refused', async () => {
    const { name } = await testDatabase();
    const pooler = await startPooler({ pool_mode: 'statement' });
    expect((await refusal(pooler.urlOf(name))).code).toBe('CONFIG_POOLER');
  });

  test('session mode passes: pinned, with the real backend’s process id, and cancellable', async () => {
    const { name } = await testDatabase();
    const pooler = await startPooler({ pool_mode: 'session' });
    await using database = databaseAt(pooler.urlOf(name));
    await refuseTransactionPooler(database);
    const [first, second] = await Promise.all([database.connect(), database.connect()]);
    for (const session of [first, second]) {
      expect(await session.query<Pinned>(pinned)).toEqual([{ read_only: 'on', path: '', pid: session.pid }]);
    }
    expect(first.pid).not.toBe(second.pid);
    const reason = new SyncError('CANCELLED', 'test');
    const stop = new AbortController();
    const running = first.query('SELECT pg_sleep(30)', [], { signal: stop.signal });
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    await first.release();
    await second.release();
  });

  test('session mode with one server only: says that a run needs more', async () => {
    const { name } = await testDatabase();
    const pooler = await startPooler({ pool_mode: 'session', default_pool_size: '1' });
    const error = await refusal(`${pooler.urlOf(name)}&connect_timeout=1`);
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(error.message).toContain('only one connection');
  });

  test('a plan says what its clients would feel of a swap, and names what it knows them by', async () => {
    const target = await testDatabase('pooled');
    const pooler = await startPooler({ pool_mode: 'session' });
    const url = pooler.urlOf(target.name);
    const warned = async (bench: Bench, mode: Mode): Promise<readonly string[]> => {
      const { signal } = new AbortController();
      const input = { source: 'src', target: 'dst', mode };
      const { warnings } = await planSync({ config: bench.config, now: Date.now }, input, { signal });
      return warnings.filter((warning) => /server_login_retry/.test(warning));
    };
    const direct = await createBench({ target });
    await direct.source.query('CREATE TABLE part (id int)');
    expect(await warned(direct, 'replace')).toEqual([]);
    await queryOnce(url, 'SELECT 1');
    expect(await warned(direct, 'replace')).toEqual([
      expect.stringMatching(/^A pooler seems to serve "dst" \(1 session of postgres last did DISCARD ALL/),
    ]);
    expect(await warned(direct, 'in-place')).toEqual([]);
    const through = await createBench({ source: direct.source, target: { ...target, url } });
    expect(await warned(through, 'replace')).toEqual([
      expect.stringContaining('the address of this target leads through one'),
    ]);
  });

  test('a database that it gives the name of another one is no target', async () => {
    const [live, decoy] = [await testDatabase('live'), await testDatabase('decoy')];
    await live.query('CREATE TABLE mine (id int); INSERT INTO mine VALUES (1)');
    const pooler = await startPooler({ pool_mode: 'session' }, { [decoy.name]: live.name });
    const url = pooler.urlOf(decoy.name);
    const bench = await createBench({
      target: { ...live, url },
      // It would be found by its identity, if that were asked of the right one.
      change: (config) => withSourceOnly(config, live.url),
    });
    await bench.source.query('CREATE TABLE theirs (id int)');
    for (const mode of modes) {
      const error = await failure(bench.sync(mode));
      expect([error.code, error.message]).toEqual(['CONFIG_INVALID', expect.stringContaining(live.name)]);
    }
    expect(await live.query('SELECT id FROM mine')).toEqual([{ id: 1 }]);
  });

  test('a pooler that refuses a startup parameter is named as one', async () => {
    const { name } = await testDatabase();
    const pooler = await startPooler({ pool_mode: 'transaction' });
    const error = await refusal(`${pooler.urlOf(name)}&options=${encodeURIComponent('-c geqo=off')}`);
    expect(error.code).toBe('CONFIG_POOLER');
    expect(error.message).toContain('startup parameter');
  });
});
