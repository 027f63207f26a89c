import { beforeAll, expect, test } from 'vitest';
import type { SyncError } from '../../../src/errors/sync-error.ts';
import { runCli } from '../../cli/run-cli.ts';
import { deferred } from '../../../src/lib/deferred.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { FaultProxy } from '../../support/fault-proxy.ts';
import { serverUrl, testDatabase, testRole } from '../../support/postgres.ts';
import { createDatabase, queryOnce } from '../../support/postgres-connection.ts';
import { atStep, createBench, expectEqual } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { changes } from './verify-changes.ts';

/** One of everything that a copy could lose. */
const schema = `CREATE EXTENSION hstore; CREATE SCHEMA other;
  CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN slug AS text CHECK (VALUE <> ''); CREATE TYPE pair AS (a int, b text);
  CREATE SEQUENCE free_ids; SELECT nextval('free_ids');
  CREATE TABLE "Part" (id serial PRIMARY KEY, name text NOT NULL DEFAULT 'x', m mood, price numeric(8,2) CHECK (price >= 0), big text, twice int GENERATED ALWAYS AS (1 + 1) STORED);
  CREATE TABLE "Tag" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, part int CONSTRAINT tag_part REFERENCES "Part" ON DELETE CASCADE, UNIQUE (part));
  CREATE TABLE no_key (a int, b text); CREATE TABLE by_range (a int) PARTITION BY RANGE (a);
  CREATE TABLE low PARTITION OF by_range FOR VALUES FROM (0) TO (10);
  CREATE INDEX by_name ON "Part" (lower(name)) WHERE id > 0;
  CREATE VIEW names AS SELECT name FROM "Part"; CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM "Part";
  CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1';
  CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER fired BEFORE INSERT ON "Part" FOR EACH ROW EXECUTE FUNCTION t();
  CREATE RULE nothing AS ON DELETE TO no_key DO INSTEAD NOTHING;
  ALTER TABLE "Part" ENABLE ROW LEVEL SECURITY; CREATE POLICY all_rows ON "Part" USING (true);
  COMMENT ON TABLE "Part" IS 'parts'; COMMENT ON COLUMN "Part".name IS 'its name'; GRANT SELECT ON "Part" TO PUBLIC;
  INSERT INTO "Part" (name, m, price, big) SELECT 'part ' || g, 'ok', g, repeat('x', g * 10) FROM generate_series(1, 1000) AS g;
  INSERT INTO "Tag" (part) SELECT g FROM generate_series(1, 50) AS g; INSERT INTO no_key VALUES (1, 'a'), (1, 'a'), (2, NULL); INSERT INTO by_range VALUES (1);
  REFRESH MATERIALIZED VIEW counted;`;

let bench: Bench;
let role: string;

beforeAll(async () => {
  role = (await testRole()).name;
  bench = await createBench();
  await bench.source.query(schema);
  await bench.sync('replace');
});

/** A copy of the copy, to spoil. */
async function withClone<T>(work: (clone: BenchDatabase) => Promise<T>): Promise<T> {
  const name = `${bench.target.name}__mutant`;
  const url = serverUrl(name);
  await createDatabase(serverUrl(), name, bench.target.name);
  try {
    return await work({ url, name, query: (sql, values) => queryOnce(url, sql, values) as Promise<never> });
  } finally {
    await queryOnce(serverUrl(), `DROP DATABASE "${name}" WITH (FORCE)`);
  }
}

const rounds = Array.from(
  { length: Math.max(...Object.values(changes).map((list) => list.length)) },
  (_, round) =>
    Object.entries(changes).flatMap(([about, list]) =>
      list.slice(round, round + 1).map(([what, sql, named]) => ({ about, what, sql, named })),
    ),
);

test.each(rounds.map((round, index) => [index + 1, round] as const))(
  'verify names each of many changes, round %i',
  async (_, round) => {
    await withClone(async (clone) => {
      for (const { sql } of round) await clone.query(sql.replaceAll('$ROLE', role));
      const spoiled = await createBench({ source: bench.source, target: clone });
      const { equal, differences } = await spoiled.verify();
      expect(equal).toBe(false);
      const said = differences.map(({ name, difference }) => `${name}: ${difference}`);
      expect(
        round.filter(({ named }) => !said.some((one) => one.includes(named))),
        said.join('\n'),
      ).toEqual([]);
      // What is named belongs to what was changed.
      expect(said.filter((one) => !round.some(({ about }) => one.includes(about)))).toEqual([]);
    });
  },
);

test('rows that differ are named by their keys, and never by their values', async () => {
  await withClone(async (clone) => {
    await clone.query(
      `UPDATE "Part" SET name = 'a secret' WHERE id IN (3, 777); DELETE FROM "Part" WHERE id = 42; INSERT INTO "Part" (id, name) VALUES (5000, 'more')`,
    );
    const spoiled = await createBench({ source: bench.source, target: clone });
    const receipt = await spoiled.verify();
    const part = receipt.tables.find(({ table }) => table === 'public.Part');
    expect(part?.differingKeys).toEqual(['(3)', '(42)', '(5000)', '(777)']);
    expect(JSON.stringify(receipt)).not.toContain('secret');
  });
});

test('the order of rows and of columns on the disk says nothing about equality', async () => {
  await withClone(async (clone) => {
    await clone.query(
      `CREATE TABLE moved AS SELECT * FROM "Tag" ORDER BY id DESC; DELETE FROM "Tag"; INSERT INTO "Tag" OVERRIDING SYSTEM VALUE SELECT * FROM moved; DROP TABLE moved;
       UPDATE "Part" SET id = id WHERE id % 3 = 0; VACUUM FULL "Part"`
        .split(';')
        .slice(0, -1)
        .join(';'),
    );
    await clone.query('VACUUM FULL "Part"');
    await expectEqual(await createBench({ source: bench.source, target: clone }));
    await clone.query(
      'ALTER TABLE no_key ADD COLUMN a2 int; UPDATE no_key SET a2 = a; ALTER TABLE no_key DROP COLUMN a; ALTER TABLE no_key RENAME a2 TO a',
    );
    const { differences, tables } = await (
      await createBench({ source: bench.source, target: clone })
    ).verify();
    // Another order of columns is a difference of the definition, said once; the rows are equal all the same.
    expect(differences).toEqual([{ kind: 'table', name: 'table public.no_key', difference: 'is different' }]);
    expect(tables.every(({ equal }) => equal)).toBe(true);
  });
});

test('the command line exits with 20 and names the difference; with 0 when there is none', async () => {
  const env = { SRC_DATABASE_URL: bench.source.url, DST_DATABASE_URL: bench.target.url };
  const run = (more: Record<string, string> = {}) =>
    runCli(['verify', 'src', 'dst', '--json'], { cwd: bench.directory, env: { ...env, ...more } });
  expect(await run()).toMatchObject({ code: 0, result: { ok: true, equal: true } });
  await withClone(async (clone) => {
    await clone.query('DROP INDEX by_name');
    const { code, result, stderr } = await run({ DST_DATABASE_URL: clone.url });
    expect([code, result['ok'], result['equal']]).toEqual([20, false, false]);
    expect(stderr).toContain('public.by_name');
  });
});

test('what policies keep apart is not compared, and said', async () => {
  const bench = await createBench({
    policies: { Profile: 'preserve', Cache: 'truncate', Log: 'schemaOnly', _migrations: 'exclude' },
  });
  const both = `CREATE TABLE "Part" (id int PRIMARY KEY); CREATE TABLE "Profile" (id serial PRIMARY KEY, part int REFERENCES "Part");
    CREATE TABLE "Cache" (id int); CREATE TABLE "Log" (id serial);
    CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR PUBLIC SERVER far`;
  await bench.source
    .query(`${both} OPTIONS (password 'hush'); CREATE TABLE _migrations (id int); INSERT INTO "Part" VALUES (1);
    INSERT INTO "Profile" (part) VALUES (1); INSERT INTO "Cache" VALUES (1); INSERT INTO "Log" DEFAULT VALUES`);
  await bench.target.query(`${both}; CREATE TABLE _migrations (id text PRIMARY KEY);`);
  await bench.target.query(
    `INSERT INTO "Part" VALUES (1); INSERT INTO "Profile" (part) VALUES (1), (1), (NULL); SELECT setval('"Log_id_seq"', 1)`,
  );
  const { equal, differences, notCompared, tables } = await bench.verify();
  expect(differences).toEqual([]);
  expect(equal).toBe(true);
  expect(tables.map(({ table }) => table)).toEqual(['public.Part']);
  expect(notCompared).toEqual(
    expect.arrayContaining([
      'rows of table public."Profile": the policy is preserve',
      'rows of table public."Cache": the policy is truncate',
      'rows of table public."Log": the policy is schemaOnly',
      'table public._migrations: the policy is exclude',
      expect.stringMatching(
        /^options of user mapping.* holds secrets, which are not read, and is in src only$/,
      ),
    ]),
  );
  await bench.target.query(
    'ALTER TABLE "Profile" ADD COLUMN more int; ALTER TABLE _migrations ADD COLUMN more int',
  );
  expect((await bench.verify()).differences.map(({ name }) => name)).toEqual(['table public."Profile"']);
});

/** A comparison of two databases behind a proxy each; `begun` when it begins to compare, after `struck`. */
async function comparison(content: string, struck: (left: FaultProxy, right: FaultProxy) => void) {
  const [left, right] = [await testDatabase('left'), await testDatabase('right')];
  const proxies = [await startFaultProxy(serverUrl()), await startFaultProxy(serverUrl())] as const;
  for (const database of [left, right]) await database.query(content);
  const through = (database: BenchDatabase, proxy: FaultProxy): BenchDatabase => ({
    ...database,
    url: proxy.through(database.url),
  });
  const pair = await createBench({
    source: through(left, proxies[0]),
    target: through(right, proxies[1]),
  });
  const { promise: begun, resolve: begin } = deferred();
  const onEvent = atStep('verify', () => {
    struck(...proxies);
    begin();
  });
  const failed: Promise<SyncError> = failure(
    pair.run({ kind: 'verify', input: { left: 'src', right: 'dst' } }, { onEvent }),
  );
  const ours = async (): Promise<readonly unknown[]> =>
    queryOnce(
      serverUrl(),
      `SELECT datname, query FROM pg_stat_activity WHERE datname = ANY ($1) AND application_name LIKE 'multiboard-sync%'`,
      [[left.name, right.name]],
    );
  return { left, right, proxies, begun, failed, ours };
}

test('where one side fails, a comparison ends at once with its error, and leaves nothing of the other', async () => {
  const { left, right, proxies, begun, failed, ours } = await comparison(
    'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)',
    (...both) => both.forEach((proxy) => proxy.halfOpen()),
  );
  const waiting = async (mode: string): Promise<readonly { pid: number; datname: string }[]> =>
    (await queryOnce(
      serverUrl(),
      `SELECT l.pid, d.datname FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
       WHERE d.datname = ANY ($1) AND l.mode = $2 AND NOT l.granted`,
      [[left.name, right.name], mode],
    )) as never;
  await begun;
  // Whoever reads the tables from here on queues behind somebody who waits for the comparison's own locks.
  const writers = [left, right].map((database) =>
    database.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE; COMMIT'),
  );
  const soon = { timeout: 4_000 };
  await expect.poll(() => waiting('AccessExclusiveLock'), soon).toHaveLength(2);
  for (const proxy of proxies) proxy.heal();
  await expect.poll(() => waiting('AccessShareLock'), soon).toHaveLength(2);
  const reader = (await waiting('AccessShareLock')).find(({ datname }) => datname === right.name);
  const endedAt = performance.now();
  await queryOnce(serverUrl(), 'SELECT pg_terminate_backend($1)', [reader?.pid]);
  const error = await failed;
  // The other one would give up after 5 s.
  expect(performance.now() - endedAt).toBeLessThan(3_000);
  expect([error.code, error.message]).toEqual([
    'SOURCE_UNAVAILABLE',
    expect.stringContaining('Comparing table public.t'),
  ]);
  await Promise.all(writers);
  await expect.poll(ours, soon).toEqual([]);
});

test('where one side of large objects fails while the other still opens its sessions, both are released', async () => {
  const { failed, ours } = await comparison('SELECT lo_from_bytea(16400, $$x$$)', (left, right) => {
    left.delay(60);
    right.cutBefore('SET TRANSACTION SNAPSHOT');
  });
  expect((await failed).code).toMatch(/^SOURCE_(UNAVAILABLE|SNAPSHOT_LOST)$/);
  await expect.poll(ours, { timeout: 4_000 }).toEqual([]);
});
