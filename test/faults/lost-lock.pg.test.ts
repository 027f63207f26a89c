import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { Database } from '../../src/postgres/database.ts';
import type { Session } from '../../src/postgres/session.ts';
import { joinSnapshot } from '../../src/postgres/snapshot.ts';
import { Journal } from '../../src/sync/journal/journal.ts';
import { thisProcess } from '../../src/sync/journal/living.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { swapDatabases } from '../../src/sync/replace/swap-databases.ts';
import { openSource } from '../../src/sync/source/open-source.ts';
import { haveLeft } from '../../src/sync/ends/have-left.ts';
import { connectAs } from '../../src/sync/ends/connect.ts';
import { openMaintenance } from '../../src/sync/ends/maintenance.ts';
import { TargetLock } from '../../src/sync/ends/target-lock.ts';
import { failure } from '../harness/failure.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { Ending } from '../support/fault-proxy.ts';
import { serverUrl, testDatabase } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { contentOf } from '../harness/content.ts';
import { besides, leftovers, oldOrNew } from '../harness/aftermath.ts';
import { benchOf, smallModels } from '../harness/models.ts';
import type { ModelBench, Models } from '../harness/models.ts';
import { modes } from '../harness/environment-pair.ts';

let models: Models;
let slow: Models;

beforeAll(async () => {
  models = await smallModels();
  slow = await slowModels();
});

/** As `smallModels`, with rows that take a server some seconds to load, in which no byte moves anywhere. */
async function slowModels(): Promise<Models> {
  const small = await smallModels();
  await small.source.query(`CREATE TABLE slow (id int); INSERT INTO slow SELECT generate_series(1, 220);
    ALTER TABLE slow ADD CONSTRAINT slowly CHECK (pg_sleep(0.02) IS NOT NULL) NOT VALID;
    UPDATE pg_constraint SET convalidated = true WHERE conname = 'slowly'`);
  return { ...small, sourceContent: await contentOf(small.source) };
}

const never = { signal: new AbortController().signal };

/** A benchOf whose target and source are each behind a proxy of their own. */
async function proxied(of: Models) {
  const bench = await benchOf(of);
  const [source, target] = [await startFaultProxy(serverUrl()), await startFaultProxy(serverUrl())];
  const reached = bench.with({
    SRC_DATABASE_URL: source.through(of.source.url),
    DST_DATABASE_URL: target.through(bench.target.url),
  });
  return { bench: reached, source, target };
}

/** The first row of a query on the server, which is waited for. */
async function firstOf<Row>(sql: string, values: readonly unknown[]): Promise<Row> {
  for (let tries = 0; tries < 200; tries += 1) {
    const [row] = await queryOnce(serverUrl(), sql, values);
    if (row !== undefined) return row as Row;
    await delay(50);
  }
  throw new Error(`No row of ${sql}`);
}

/** The session that holds the advisory lock of a target; `on` is the database it is in. */
const lockHolder = (bench: ModelBench, on: string): Promise<{ pid: number; port: number }> =>
  firstOf(
    `SELECT a.pid, a.client_port AS port FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND a.datname = $1
       AND l.classid::int8 << 32 | l.objid::int8 = hashtextextended('multiboard-sync:' || $2, 0)`,
    [on, bench.target.name],
  );

test.concurrent.each(modes)(
  '%s ends well behind proxies that close what is quiet for three seconds',
  async (mode) => {
    const { bench, source, target } = await proxied(slow);
    const begun = performance.now();
    let quietFor = 0;
    await bench.sync(
      mode,
      {},
      {
        onStep: (step) => {
          if (step === 'recover') target.closeIdle(3_000, 'RST');
          if (step === 'check') source.closeIdle(3_000, 'FIN');
          // Rows that take their time, while the sessions that hold lock and snapshot have nothing to say.
          if (step === 'export') source.throttle(6_000);
          if (step === 'backup') source.throttle(Number.POSITIVE_INFINITY);
          if (step === 'clean') quietFor = performance.now() - begun;
        },
      },
    );
    expect(quietFor).toBeGreaterThan(4_000);
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
);

test.concurrent.each<['replace' | 'in-place', 'target' | 'postgres', Ending]>([
  ['replace', 'target', 'FIN'],
  ['replace', 'postgres', 'RST'],
  ['in-place', 'target', 'RST'],
  ['in-place', 'postgres', 'FIN'],
])(
  '%s ends at once when its lock in %s is lost by %s, by name, with the old state',
  async (mode, on, how) => {
    const { bench, target } = await proxied(slow);
    let lostAt = 0;
    let second: Promise<unknown> = Promise.resolve(null);
    const cut = async (): Promise<void> => {
      const { port } = await lockHolder(bench, on === 'target' ? bench.target.name : on);
      lostAt = performance.now();
      target.close(port, how);
      // Somebody else wants the same target, with a data directory of their own.
      const other = await benchOf(models);
      second = failure(other.with({ DST_DATABASE_URL: bench.target.url }).sync(mode)).catch(() => null);
    };
    let cutting: Promise<void> = Promise.resolve();
    const error = await failure(
      bench.sync(
        mode,
        {},
        {
          onStep: (step) => {
            if (step === 'load') cutting = cut();
          },
        },
      ),
    );
    const took = performance.now() - lostAt;
    target.heal();
    await cutting;
    expect([error.code, error.message]).toEqual([
      'TARGET_LOCK_LOST',
      expect.stringContaining(`lock of the database "${bench.target.name}" was closed`),
    ]);
    expect(error.hint).toContain('proxy');
    expect(took).toBeLessThan(5_000);
    // Whoever came second either was refused or has done its work alone.
    expect(((await second) as { code?: string } | null)?.code ?? 'CONFLICT_TARGET_BUSY').toBe(
      'CONFLICT_TARGET_BUSY',
    );
    expect(await leftovers(bench)).toEqual([]);
  },
);

describe('the lock', () => {
  const openedOn = async (name: string, connectionsMax = 6): Promise<Database> =>
    new Database({
      url: parseDatabaseUrl('T', serverUrl(name)),
      side: 'target',
      access: 'write',
      applicationName: 'multiboard-sync lock',
      connectionsMax,
    });
  const kill = async (pid: number): Promise<void> => {
    await queryOnce(serverUrl(), 'SELECT pg_terminate_backend($1, 5000)', [pid]);
  };

  test('is held by the transaction that replaces in place, after its own session is lost', async () => {
    const { name } = await testDatabase('lock');
    await using database = await openedOn(name);
    await using lock = await TargetLock.take(database, name, null, never);
    const changing = await database.connect();
    await changing.execute('BEGIN');
    await lock.holdIn(changing, never);
    await kill(lock.pid);
    const lost = await failure(new Promise((_, reject) => onAbort(lock.signal, reject)));
    expect(lost.code).toBe('TARGET_LOCK_LOST');
    expect(lost.message).toContain('57P01');
    // Nobody slips in while it can still commit.
    expect((await failure(TargetLock.take(database, name, null, never))).code).toBe('CONFLICT_TARGET_BUSY');
    await changing.execute('COMMIT');
    await using next = await TargetLock.take(database, name, null, never);
    expect(next.pid).not.toBe(lock.pid);
    // One that lost it before its transaction cannot begin to change anything.
    await changing.execute('BEGIN');
    expect((await failure(lock.holdIn(changing, never))).code).toBe('TARGET_LOCK_LOST');
    await changing.execute('ROLLBACK');
    await changing.release();
  });

  test('is proved in the transaction of a swap: a lost one changes no name', async () => {
    const live = await testDatabase('live');
    const next = await testDatabase('next');
    const url = parseDatabaseUrl('T', live.url);
    const maintenance = await openMaintenance(
      { id: 'swapper', connect: connectAs('swapper'), ...never },
      url,
    );
    if (maintenance === null) throw new Error('no maintenance database');
    await using _open = maintenance;
    await maintenance.lock(live.name, never);
    await using database = await openedOn(live.name);
    await using lock = await TargetLock.take(database, live.name, maintenance.session, never);
    maintenance.targetLock = lock;
    await kill(lock.pid);
    const swap = {
      live: live.name,
      next: next.name,
      comment: null,
      keepAs: `${live.name}__old_x`,
      jobId: 'swapper',
      now: 1,
      keepUntil: undefined,
    };
    expect((await failure(swapDatabases(maintenance, swap, null))).code).toBe('TARGET_LOCK_LOST');
    expect(await besides(live)).toEqual([]);
    expect(await next.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a session that is idle speaks, and one in the middle of a statement too, without a byte in its answers', async () => {
    const proxy = await startFaultProxy(serverUrl());
    const { name } = await testDatabase('words');
    await using database = new Database({
      url: parseDatabaseUrl('T', proxy.through(serverUrl(name))),
      side: 'target',
      access: 'write',
      applicationName: 'multiboard-sync words',
      quietMs: 50,
    });
    const session = await database.connect();
    proxy.closeIdle(500, 'FIN');
    await delay(1_000);
    expect(await session.query('SELECT pg_sleep(1)::text AS slept')).toEqual([{ slept: '' }]);
    // A statement that fails skips what comes before the next Sync.
    await expect(session.query('SELECT $1::int', ['x'])).rejects.toThrow('invalid input');
    await session.execute('BEGIN');
    await expect(session.query('SELECT nothing')).rejects.toThrow('does not exist');
    await delay(700);
    await session.execute('ROLLBACK');
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await session.release();
    proxy.heal();
  });
});

function onAbort(signal: AbortSignal, then: (reason: Error) => void): void {
  const told = (): void => then(signal.reason as Error);
  if (signal.aborted) told();
  else signal.addEventListener('abort', told, { once: true });
}

describe('the snapshot', () => {
  /** The sessions that hold locks and snapshot: the first two that a run opens. */
  const holder = (database: string, jobId: string, which: number): Promise<{ pid: number }> =>
    firstOf(
      `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'multiboard-sync ' || $2
       ORDER BY backend_start LIMIT 1 OFFSET $3`,
      [database, jobId, which],
    );

  test('a lost holder of snapshot or locks is told by name, and nothing read is believed', async () => {
    const bench = await benchOf(models);
    const config = loadConfig({ env: bench.env, cwd: bench.directory });
    const environment = config.environments.get('src');
    if (environment === undefined) throw new Error('no source');
    const input = {
      environment,
      policies: [],
      masking: null,
      secrets: false,
      tablespaces: true,
      workers: 1,
    };
    const asking = { config, now: Date.now, id: 'holder', connect: connectAs('holder'), ...never };
    for (const which of [0, 1]) {
      await using source = await openSource(asking, input);
      await source.prove();
      const { pid } = await holder(models.source.name, 'holder', which);
      await queryOnce(serverUrl(), 'SELECT pg_terminate_backend($1, 5000)', [pid]);
      const told = await failure(new Promise((_, reject) => onAbort(source.signal, reject)));
      expect([told.code, told.message]).toEqual([
        'SOURCE_SNAPSHOT_LOST',
        expect.stringContaining('snapshot of "src"'),
      ]);
      expect((await failure(source.prove())).code).toBe('SOURCE_SNAPSHOT_LOST');
      if (which === 0) continue;
      const late = await source.database.connect();
      expect((await failure(joinSnapshot(late, source.snapshot, never))).code).toBe('SOURCE_SNAPSHOT_LOST');
      late.retire();
      await late.release();
    }
  });

  test.concurrent.each(['export', 'verify'] as const)('%s ends at once', async (kind) => {
    const { bench, source } = await proxied(models);
    let lost: Promise<unknown> = Promise.resolve();
    const running = bench.job(
      kind === 'export'
        ? { kind, input: { environment: 'src' } }
        : { kind, input: { left: 'src', right: 'dst' } },
      {
        jobId: `lost-${kind}`,
        onStep: (step) => {
          if (step !== kind) return;
          source.throttle(1_500);
          lost = holder(models.source.name, `lost-${kind}`, kind === 'export' ? 0 : 1).then(({ pid }) =>
            queryOnce(serverUrl(), 'SELECT pg_terminate_backend($1)', [pid]),
          );
        },
      },
    );
    const error = await failure(running);
    await lost;
    source.heal();
    expect(error.code).toBe('SOURCE_SNAPSHOT_LOST');
    expect(await leftovers(bench)).toEqual([]);
  });
});

describe('what a living run is building', () => {
  test('is left alone by whoever gets its lock: its journal says that somebody works on it', async () => {
    const bench = await benchOf(models);
    const config = loadConfig({ env: bench.env, cwd: bench.directory });
    const shadow = `${bench.target.name}__sync_other`;
    const journal = await Journal.begin(config, 'other', Date.now());
    const started = { entry: 'started', target: 'dst', kind: 'sync', process: await thisProcess() } as const;
    await journal.write(started);
    // A run that has only begun waits for its turn like any other.
    await bench.sync('auto', { backup: 'kept' });
    await journal.write({ entry: 'shadow', database: shadow });
    await queryOnce(serverUrl(), `CREATE DATABASE "${shadow}"`);
    await queryOnce(
      serverUrl(),
      `COMMENT ON DATABASE "${shadow}" IS 'multiboard-sync ${JSON.stringify({ role: 'shadow', jobId: 'other', live: bench.target.name, at: 1, comment: null })}'`,
    );
    const refused = await failure(bench.sync('auto', { backup: 'kept' }));
    expect([refused.code, refused.message]).toEqual([
      'CONFLICT_TARGET_BUSY',
      expect.stringContaining('Run other is still working'),
    ]);
    expect((await besides(bench.target)).map(({ name }) => name)).toContain(shadow);
    // It ends without clearing up: from then on it is nobody's.
    journal.leaveOpen();
    await journal[Symbol.asyncDispose]();
    await bench.sync('auto', { backup: 'kept' });
    expect(await leftovers(bench)).toEqual([]);
  });

  test('where its journal is out of reach its sessions on the server tell', async () => {
    const { name } = await testDatabase('sessions');
    const open = (id: string): Database =>
      new Database({
        url: parseDatabaseUrl('T', serverUrl(name)),
        side: 'target',
        access: 'write',
        applicationName: `multiboard-sync ${id}`,
      });
    const id = 'a'.repeat(60);
    await using living = open(id);
    await using asking = open('asking');
    const asked = await asking.connect();
    const its: Session = await living.connect();
    expect(await haveLeft(asked, id, [its.pid])).toBe(true);
    const waiting = haveLeft(asked, id, []);
    its.retire();
    await its.release();
    expect(await waiting).toBe(true);
    await asked.release();
  });
});
