import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { parseDatabaseUrl } from '../../../src/environments/database-url.ts';
import { Database } from '../../../src/postgres/database.ts';
import { examine } from '../../../src/sync/verbs/doctor.ts';
import { findLongRows } from '../../../src/sync/source/long-rows/find.ts';
import type { KeyedRows } from '../../../src/sync/source/long-rows/find.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { Plan, PlanInput } from '../../../src/sync/contract/plan.ts';
import { lacks } from '../../support/lacks.ts';
import { startPooler } from '../../postgres/pooler-server.ts';
import { atFileEnd, serverUrl, testDatabase, testRole } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import { extensionServer } from '../../harness/extension-server.ts';
import type { ExtensionServer } from '../../harness/extension-server.ts';
import { createBench } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

/** What a plan can know of two databases and their servers, it says; and a run says the same before it reads a row. */
const planOf = (
  bench: Bench,
  input: Partial<PlanInput> = {},
  change: (config: Config) => Config = (config) => config,
): Promise<Plan> =>
  planSync(
    { config: change(bench.config), now: Date.now },
    { source: 'src', target: 'dst', ...input },
    { signal: new AbortController().signal },
  );

/** From here on this database's server calls itself by another version, to everybody who asks there. */
async function callItself(database: BenchDatabase, num: number, version: string): Promise<void> {
  await database.query(`
    DO $$ BEGIN
      IF to_regprocedure('pg_catalog.own_setting(text)') IS NULL THEN
        ALTER FUNCTION pg_catalog.current_setting(text) RENAME TO own_setting;
      END IF;
    END $$;
    CREATE OR REPLACE FUNCTION pg_catalog.current_setting(text) RETURNS text LANGUAGE sql STABLE AS
      $$ SELECT CASE $1 WHEN 'server_version_num' THEN '${num}' WHEN 'server_version' THEN '${version}'
         ELSE pg_catalog.own_setting($1) END $$`);
}

async function callItselfAsBefore(database: BenchDatabase): Promise<void> {
  await database.query(`
    DROP FUNCTION pg_catalog.current_setting(text);
    ALTER FUNCTION pg_catalog.own_setting(text) RENAME TO current_setting`);
}

describe('a server of a major that was never tried', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench();
    await bench.source.query('CREATE TABLE part (id int PRIMARY KEY); INSERT INTO part VALUES (1), (2)');
    await bench.target.query('CREATE TABLE part (id int PRIMARY KEY)');
  });

  test('a plan names who would be ended, and not those who make a plan as it does', async () => {
    const { target } = bench;
    const connected = await Promise.all(
      ['multiboard-sync plan 0a1b2c3d', 'multiboard-sync planner', 'shop'].map(async (name) => {
        const client = new Client({ connectionString: target.url, application_name: name });
        await client.connect();
        return client;
      }),
    );
    const { sessions } = await planOf(bench);
    expect(sessions.map(({ application }) => application).sort()).toEqual([
      'multiboard-sync planner',
      'shop',
    ]);
    await Promise.all(connected.map((client) => client.end()));
  });

  test('is refused by every verb as a source, before anything is read', async () => {
    await callItself(bench.source, 120_022, '12.22');
    const [blocker] = (await planOf(bench)).blockers;
    expect(blocker).toMatchObject({
      code: 'SOURCE_SERVER_UNTRIED',
      message: 'The server of "src" is PostgreSQL 12; this release was tried on 13 to 18.',
    });
    const { message } = await failure(bench.sync('replace'));
    expect(message).toBe(blocker?.message);
    for (const verb of [() => bench.export(), () => bench.verify()])
      expect(await failure(verb())).toMatchObject({ code: 'SOURCE_SERVER_UNTRIED', message });
    await callItselfAsBefore(bench.source);
  });

  test('is refused by every verb as a target, before anything is written', async () => {
    const { dump } = await bench.export();
    const before = await readdir(join(bench.directory, 'dumps'));
    await callItself(bench.target, 190_000, '19beta1');
    const [blocker] = (await planOf(bench)).blockers;
    expect(blocker).toMatchObject({
      code: 'TARGET_SERVER_UNTRIED',
      message: 'The server of "dst" is PostgreSQL 19; this release was tried on 13 to 18.',
    });
    for (const verb of [
      () => bench.sync('in-place'),
      () => bench.import({ id: dump?.dumpId ?? '' }, 'replace'),
      () => bench.run({ kind: 'typesense', input: { environment: 'dst' } }),
    ])
      expect(await failure(verb())).toMatchObject({
        code: 'TARGET_SERVER_UNTRIED',
        message: blocker?.message,
      });
    expect(await bench.target.query('SELECT * FROM part')).toEqual([]);
    expect(await readdir(join(bench.directory, 'dumps'))).toEqual(before);
    const findings = await examine({ config: bench.config, now: Date.now }, [], {
      signal: new AbortController().signal,
    });
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'fault', subject: 'dst: server' }) as unknown,
    );
    await callItselfAsBefore(bench.target);
  });

  test('is used where that is allowed, and told; objects of unknown kinds stop it, and an undo needs no leave', async () => {
    const told = (name: string): unknown =>
      expect.stringContaining(`The server of "${name}" is PostgreSQL 19; this release was tried on`);
    await callItself(bench.source, 190_000, '19.0');
    const plan = await planOf(bench, { untriedServers: true });
    expect(plan.warnings).toContainEqual(told('src'));
    // The functions by which the server is called so are themselves of a kind that nothing carries.
    expect(plan.blockers.map(({ code }) => code)).toEqual(['SOURCE_OBJECT_UNSUPPORTED']);
    const { message } = await failure(bench.sync('replace', { untriedServers: true }));
    expect(message).toBe(plan.blockers[0]?.message);
    await callItselfAsBefore(bench.source);

    await callItself(bench.target, 190_000, '19.0');
    const input = { backup: 'kept', untriedServers: true } as const;
    const { jobId, warnings, tables } = await bench.sync('replace', input);
    expect(warnings).toContainEqual(told('dst'));
    expect(tables).toMatchObject([{ rows: 2, equal: true }]);
    // And nobody is kept from going back.
    await callItself(bench.target, 190_000, '19.0');
    await bench.rollback(jobId);
    expect(await bench.target.query('SELECT * FROM part')).toEqual([]);
  });
});

describe('of an ordinary role', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench();
    await bench.source.query('CREATE TABLE part (id int PRIMARY KEY); INSERT INTO part VALUES (1)');
  });

  /** The bench's databases as a role's own, with all that is in them. */
  async function asOwner(
    attributes: string,
    change: (config: Config) => Config = (config) => config,
  ): Promise<Bench & { readonly role: string }> {
    const role = await testRole({ attributes });
    const as = (database: BenchDatabase): BenchDatabase => {
      const url = Object.assign(new URL(database.url), { username: role.name, password: role.password });
      return { name: database.name, query: database.query, url: url.href };
    };
    for (const { name, query } of [bench.source, bench.target]) {
      await query(`ALTER DATABASE "${name}" OWNER TO "${role.name}"`);
      await query(`DO $$ DECLARE t regclass; BEGIN
        FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
          EXECUTE format('ALTER TABLE %s OWNER TO "${role.name}"', t);
        END LOOP; END $$`);
    }
    return {
      ...(await createBench({ source: as(bench.source), target: as(bench.target), change })),
      role: role.name,
    };
  }

  test('what it may not lock or read of the target is named, table by table', async () => {
    await bench.target.query(
      'CREATE TABLE part (id int PRIMARY KEY); CREATE TABLE note (id serial PRIMARY KEY, text text); CREATE TABLE log (id int)',
    );
    await bench.source.query('CREATE TABLE note (id serial PRIMARY KEY, text text)');
    const limited = await asOwner('CREATEDB', (config) => ({
      ...config,
      tablePolicies: [
        { table: 'note', policy: 'preserve' },
        { table: 'log', policy: 'exclude' },
      ],
    }));
    const { role } = limited;
    expect((await planOf(limited, { backup: 'kept' })).blockers).toEqual([]);
    // An owner may have lost its own rights.
    await bench.target.query(
      `REVOKE ALL ON note FROM "${role}"; REVOKE ALL ON log FROM "${role}"; GRANT SELECT ON log TO "${role}";
       REVOKE ALL ON part FROM "${role}"; GRANT SELECT ON part TO "${role}"`,
    );
    const told = async (input: Partial<PlanInput>): Promise<readonly string[]> =>
      (await planOf(limited, input)).blockers.map(({ message }) => message);
    const kept = await told({ backup: 'kept' });
    expect(kept).toEqual([
      `"${role}" lacks privileges that the run needs on 2 table(s) or sequence(s) of "dst": public.log (lock), public.note (lock, read).`,
    ]);
    const refused = await failure(limited.sync('replace', { backup: 'kept' }));
    expect(refused.message).toBe(kept[0]);
    expect(await told({ mode: 'in-place' })).toContain(
      `"${role}" lacks privileges that the run needs on 3 table(s) or sequence(s) of "dst": public.log (lock), public.note (lock, read), public.part (lock).`,
    );
    await bench.target.query(
      `GRANT SELECT, DELETE ON note TO "${role}"; GRANT UPDATE ON log, part TO "${role}"`,
    );
    await limited.sync('replace', { backup: 'kept' });
  });

  test('sessions are counted before they are opened, and those that were counted are enough', async () => {
    const withWorkers =
      (workers: number) =>
      (config: Config): Config => ({ ...config, sync: { ...config.sync, workers } });
    const limited = await asOwner('CREATEDB CONNECTION LIMIT 5', withWorkers(4));
    const role = { name: limited.role };
    const plan = await planOf(limited);
    expect(plan.connections).toEqual({ source: 6, target: 8 });
    expect(plan.blockers.map(({ code, message, hint }) => [code, message, hint])).toEqual([
      [
        'SOURCE_SESSIONS_LIMIT',
        `A run with 4 worker(s) opens 6 sessions on "src"; the role "${role.name}" (CONNECTION LIMIT) allows 5.`,
        'Raise the limit named, or use fewer workers (SYNC_WORKERS=3).',
      ],
      [
        'TARGET_SESSIONS_LIMIT',
        `A run with 4 worker(s) opens 8 sessions on "dst"; the role "${role.name}" (CONNECTION LIMIT) allows 5.`,
        'Raise the limit named, or use fewer workers (SYNC_WORKERS=1).',
      ],
    ]);
    const refused = await failure(limited.sync('replace'));
    expect(refused).toMatchObject({ message: plan.blockers[0]?.message });
    await bench.source.query(`ALTER ROLE "${role.name}" CONNECTION LIMIT 6`);
    await bench.target.query(`ALTER DATABASE "${bench.target.name}" CONNECTION LIMIT 4`);
    const [low] = (await planOf(limited, {}, withWorkers(2))).blockers;
    expect(low?.message).toContain(`the database "${bench.target.name}" (CONNECTION LIMIT) allows 4.`);
    await bench.target.query(`ALTER DATABASE "${bench.target.name}" CONNECTION LIMIT 5`);
    // Here both ends are one role's on one server: it needs what was counted for both of them.
    await bench.source.query(`ALTER ROLE "${role.name}" CONNECTION LIMIT 10`);
    const enough = await createBench({ ...limited, change: withWorkers(2) });
    const { tables } = await enough.sync('replace', { backup: 'file' });
    expect(tables.every(({ equal }) => equal)).toBe(true);
  });

  test.skipIf(lacks('pgbouncer'))(
    'sessions of a pooler are tried, for it says nothing of its limit',
    async () => {
      const pooler = await startPooler({ pool_mode: 'session', default_pool_size: '3' });
      const through = ({ name, query }: BenchDatabase): BenchDatabase => ({
        name,
        query,
        url: `${pooler.urlOf(name)}&connect_timeout=2&connection_limit=3`,
      });
      const pooled = await createBench({
        source: through(bench.source),
        target: bench.target,
        env: { SYNC_WORKERS: '4' },
      });
      const [blocker] = (await planOf(pooled)).blockers;
      expect(blocker).toMatchObject({
        code: 'SOURCE_SESSIONS_LIMIT',
        message: expect.stringMatching(
          /^The pooler at .* gave 2 sessions at once; a run with 4 worker\(s\) needs 5 more sessions on "src"\.$/,
        ) as string,
        hint: expect.stringContaining('SYNC_WORKERS=1') as string,
      });
      const one = (config: Config): Config => ({ ...config, sync: { ...config.sync, workers: 1 } });
      const plan = await planOf(pooled, {}, one);
      expect(plan.blockers).toEqual([]);
      expect(plan.warnings.join()).not.toContain('connection_limit');
    },
  );
});

describe('encodings', () => {
  async function encoded(encoding: string): Promise<BenchDatabase> {
    const name = `t_encoded_${randomBytes(5).toString('hex')}`;
    await queryOnce(
      serverUrl(),
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    atFileEnd(async () => {
      await queryOnce(serverUrl(), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    });
    const url = serverUrl(name);
    return { name, url, query: (sql, values) => queryOnce(url, sql, values) as Promise<never> };
  }
  const reasons = ({ blockers }: Plan): readonly string[] =>
    blockers.map(({ code, message }) => `${code} ${message}`);

  test('bytes that are no text are named with their columns, on both ends', async () => {
    const [bytes, text] = [await encoded('SQL_ASCII'), await encoded('UTF8')];
    await bytes.query(`
      CREATE TABLE plain (id int PRIMARY KEY, v text); INSERT INTO plain VALUES (1, 'plänty');
      CREATE TABLE odd (id int PRIMARY KEY, fine text, v text, w varchar[]);
      INSERT INTO odd VALUES (1, 'ß', 'plain', '{}'),
        (2, 'x', convert_from('\\x61ff62', 'SQL_ASCII'), ARRAY[convert_from('\\xc3', 'SQL_ASCII')])`);
    const outOf = await createBench({ source: bytes, target: text });
    const told =
      'SOURCE_ENCODING "src" is SQL_ASCII and holds bytes that are not UTF-8, but rows are read as UTF-8: public.odd (v, w).';
    expect(reasons(await planOf(outOf))).toEqual([told]);
    for (const read of [() => outOf.sync('replace'), () => outOf.export()]) {
      const { code, message } = await failure(read());
      expect(`${code} ${message}`).toBe(told);
    }
    const into = await createBench({ source: text, target: bytes });
    expect(reasons(await planOf(into))).toEqual([
      'TARGET_ENCODING "dst" is SQL_ASCII and holds bytes that are not UTF-8, but rows are read as UTF-8: public.odd (v, w).',
    ]);
    const { blockers, warnings } = await planOf(into, { backup: 'kept' });
    expect(blockers).toEqual([]);
    expect(warnings.join()).toContain('stored there as UTF-8 bytes');
    await bytes.query('DELETE FROM odd WHERE id = 2');
    // What an update of the system does to the order of texts.
    await text.query('CREATE TABLE named (name text UNIQUE, id int UNIQUE)');
    await queryOnce(
      serverUrl(),
      `UPDATE pg_database SET datcollversion = '1' WHERE datname = '${text.name}'`,
    );
    const plan = await planOf(outOf);
    expect(plan.blockers).toEqual([]);
    expect(plan.warnings.filter((warning) => warning.includes('collation'))).toEqual([
      expect.stringMatching(/^1 unique index\(es\) of "dst" .*: named_name_key on public\.named\.$/),
    ]);
  });

  test('characters without a place in the target are named with their columns, and objects that hold some', async () => {
    const [wide, narrow] = [await encoded('UTF8'), await encoded('LATIN1')];
    await wide.query(`
      CREATE TABLE fits (id int PRIMARY KEY, v text DEFAULT 'é'); INSERT INTO fits VALUES (1);
      CREATE TABLE note (id int PRIMARY KEY, price text, v text);
      INSERT INTO note VALUES (1, '3 €', 'é'), (2, '4', NULL);
      COMMENT ON TABLE note IS 'in → out'`);
    const bench = await createBench({ source: wide, target: narrow });
    expect(reasons(await planOf(bench))).toEqual([
      'TARGET_ENCODING The encoding of "dst" (LATIN1) has no place for characters of "src": public.note (price), comment on table public.note.',
    ]);
    await wide.query("UPDATE note SET price = '3 EUR' WHERE id = 1; COMMENT ON TABLE note IS NULL");
    await bench.sync('replace', { backup: 'kept' });
    expect(await narrow.query('SELECT v FROM fits')).toEqual([{ v: 'é' }]);
  });
});

test('rows that are too long as text are found by their keys, by lengths alone', async () => {
  const long = await testDatabase('long');
  await long.query(`
    CREATE DOMAIN words AS varchar;
    CREATE TABLE short (id int PRIMARY KEY, v text); INSERT INTO short VALUES (1, repeat('a', 90000));
    CREATE TABLE wide (a int, b text, v text, w words, c bytea, PRIMARY KEY (b, a));
    ALTER TABLE wide ALTER v SET STORAGE EXTERNAL;
    INSERT INTO wide VALUES (1, 'x', repeat('a', 60000), NULL, NULL), (2, 'x', repeat('a', 60000), repeat('b', 60000), NULL),
      (3, 'y', 'short', NULL, decode(repeat('00', 60000), 'hex')), (4, 'y', 'short', NULL, decode(repeat('00', 40000), 'hex'));
    CREATE TABLE bare (v text); ALTER TABLE bare ALTER v SET STORAGE EXTERNAL; INSERT INTO bare VALUES (repeat('a', 200000)), (NULL)`);
  await using database = new Database({
    url: parseDatabaseUrl('TEST_URL', long.url),
    side: 'source',
    access: 'read',
    applicationName: 'multiboard-sync test',
  });
  const table = (name: string, ...keyColumns: readonly string[]): KeyedRows => ({
    schema: 'public',
    name,
    keyColumns,
  });
  const tables = [table('short', 'id'), table('wide', 'b', 'a'), table('bare')];
  await database.withSession(async (session) => {
    const limits = { rowBytes: 100_000, toastBytes: 1, heapBytes: 1024 ** 2 };
    expect(await findLongRows(session, tables, {}, limits)).toEqual({
      tooLong: ['public.bare', 'public.wide, key (x,2)', 'public.wide, key (y,3)'],
      perhaps: ['public.wide, key (x,1)'],
      passedOver: [],
    });
    const little = await findLongRows(session, tables, {}, { ...limits, heapBytes: 0 });
    expect(little).toEqual({ tooLong: [], perhaps: [], passedOver: ['public.bare', 'public.wide'] });
    expect(await findLongRows(session, tables, {})).toEqual({ tooLong: [], perhaps: [], passedOver: [] });
  });
});

describe('on a small server with an extension of its own', () => {
  let server: ExtensionServer;
  beforeAll(async () => {
    server = await extensionServer(
      `DO $$ BEGIN
        IF current_database() !~ '^keeper_[0-9]$' THEN RAISE EXCEPTION 'only in the database keeper'; END IF;
      END $$;
      CREATE TABLE job (id int PRIMARY KEY, what text);
      SELECT pg_catalog.pg_extension_config_dump('job', '')`,
      {},
      {
        max_locks_per_transaction: '10',
        max_connections: '10',
        max_wal_senders: '0',
        max_worker_processes: '0',
        autovacuum_worker_slots: '1',
      },
    );
  });

  test('more locks than the server has room for are counted, before one of them is taken', async () => {
    const [many, few] = [await server.database(), await server.database()];
    await many.query(
      `DO $$ BEGIN FOR g IN 1..120 LOOP EXECUTE format('CREATE TABLE t%s (id int)', g); COMMIT; END LOOP; END $$`,
    );
    await few.query('CREATE TABLE one (id int)');

    const outOf = await createBench({ source: many, target: few });
    const [source] = (await planOf(outOf, { backup: 'kept' })).blockers;
    expect(source).toMatchObject({
      code: 'SOURCE_LOCKS_FULL',
      message: expect.stringMatching(
        /^Reading "src" \(120 tables and their indexes\) takes about 120 locks in one transaction; the source’s server has room for 110 .*\(max_locks_per_transaction = 10\)\.$/,
      ) as string,
      hint: expect.stringContaining(
        'Set max_locks_per_transaction to 17 or more on the source server',
      ) as string,
      details: { locks: 120, room: 110, maxLocksPerTransaction: 17 },
    });
    for (const verb of [() => outOf.sync('replace'), () => outOf.export(), () => outOf.verify()])
      expect(await failure(verb())).toMatchObject({ code: 'SOURCE_LOCKS_FULL', message: source?.message });
    const excluding = (config: Config): Config => ({
      ...config,
      tablePolicies: [{ table: 't*', policy: 'exclude' }],
    });
    expect((await planOf(outOf, {}, excluding)).blockers).toEqual([]);

    const into = await createBench({ source: few, target: many });
    const faults = async (input: Partial<PlanInput>): Promise<readonly string[]> =>
      (await planOf(into, input)).blockers.map(({ code, message }) => `${code} ${message}`);
    expect(await faults({ mode: 'replace', backup: 'file' })).toEqual([
      expect.stringMatching(/^TARGET_LOCKS_FULL The safety copy of "dst" \(120 tables/),
    ]);
    expect(await faults({ mode: 'in-place' })).toEqual([
      expect.stringMatching(/^TARGET_LOCKS_FULL The safety copy/),
      expect.stringMatching(
        /^TARGET_LOCKS_FULL Replacing "dst" in place \(120 tables.* takes about 7\d\d locks/,
      ),
    ]);
    expect(await faults({ mode: 'replace', backup: 'kept' })).toEqual([]);
  });

  test('an extension that may be made in one database only is made in place, and named where that is refused', async () => {
    const [source, target] = [await server.database(), await server.database()];
    await source.query("CREATE EXTENSION keeper; INSERT INTO job VALUES (1, 'nightly')");
    const bench = await createBench({ source, target });
    const reason =
      'extension keeper may not be made in a database beside it (only in the database keeper (SQLSTATE P0001))';
    const plan = await planOf(bench);
    expect(plan).toMatchObject({
      mode: 'in-place',
      modeReason: `replace is not possible: ${reason}`,
      blockers: [],
    });
    expect(plan.warnings.join()).toContain('Extension keeper may be made in one database of the server only');
    const [blocker] = (await planOf(bench, { mode: 'replace' })).blockers;
    expect(blocker).toMatchObject({
      code: 'TARGET_PRIVILEGE',
      message: `Mode replace is not possible on "${target.name}": ${reason}.`,
      hint: 'Choose --mode in-place, or leave the extension out (--leave-out, by its name).',
    });
    await bench.run({ kind: 'sync', input: { source: 'src', target: 'dst', confirm: 'dst' } });
    expect(await target.query('SELECT * FROM job')).toEqual([{ id: 1, what: 'nightly' }]);
    expect((await planOf(bench)).warnings.join()).not.toContain('keeper');
    const [left] = await queryOnce(
      server.url,
      "SELECT count(*)::int AS left FROM pg_database WHERE datname ~ '__'",
    );
    expect(left).toEqual({ left: 0 });
  });
});
