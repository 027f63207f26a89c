import { describe, expect, test } from 'vitest';
import { pgDump } from '../../support/client-tools.ts';
import { testRole } from '../../support/postgres.ts';
import {
  createBench,
  failsAndChangesNothing,
  modes,
  rowsOf,
  stateOf,
} from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

const schema = `CREATE TABLE "Part" (id int PRIMARY KEY, name text);
  CREATE TABLE "List" (id serial PRIMARY KEY, name text);
  CREATE TABLE "ListPart" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, list int CONSTRAINT list_fk REFERENCES "List" ON DELETE CASCADE,
    part int CONSTRAINT part_fk REFERENCES "Part" ON DELETE CASCADE, note text, loud text GENERATED ALWAYS AS (upper(note)) STORED);
  CREATE TABLE "Log" (what text); CREATE TABLE "Cache" (v text);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public."Log" VALUES (TG_OP); RETURN NULL; END';
  CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "ListPart" EXECUTE FUNCTION note();
  CREATE TRIGGER off AFTER INSERT ON "List" FOR EACH ROW EXECUTE FUNCTION note(); ALTER TABLE "List" DISABLE TRIGGER off;
  COMMENT ON CONSTRAINT part_fk ON "ListPart" IS 'why'; COMMENT ON TRIGGER noted ON "ListPart" IS 'what for';
  COMMENT ON TRIGGER off ON "List" IS 'switched off';`;
const policies = { 'List*': 'preserve', Cache: 'truncate', Mine: 'exclude' } as const;

async function listBench(options: Parameters<typeof createBench>[0] = {}): Promise<Bench> {
  const bench = await createBench({ policies, ...options });
  await bench.source.query(
    `${schema} INSERT INTO "Part" SELECT g, 'new ' || g FROM generate_series(1, 9) AS g`,
  );
  await bench.target.query(
    `${schema} INSERT INTO "Part" SELECT g, 'old ' || g FROM generate_series(1, 5) AS g; INSERT INTO "List" (name) VALUES ('Ann''s'), ('Bob''s');
     INSERT INTO "ListPart" (list, part, note) VALUES (1, 1, 'a'), (1, 2, NULL), (2, 5, ''); INSERT INTO "Cache" VALUES ('warm');
     CREATE TABLE "Mine" (id serial PRIMARY KEY, t text); INSERT INTO "Mine" (t) VALUES ('mine'); DELETE FROM "Log"`,
  );
  return bench;
}

const people = async (database: BenchDatabase): Promise<unknown> => ({
  lists: await rowsOf(database, '"List"'),
  parts: await rowsOf(database, '"ListPart"'),
  mine: await rowsOf(database, '"Mine"'),
});
const definitions = async (database: BenchDatabase): Promise<string> =>
  (await pgDump(database.url, ['--schema-only'])).stdout.replaceAll(/^\\(un)?restrict .*$/gm, '');
const dumpOf = async (database: BenchDatabase): Promise<unknown> => {
  const { dump } = await stateOf(database);
  return dump;
};

describe.each(modes)('undo of a sync, %s', (mode) => {
  test('without anything written since, the target is what it was; and an undo can be undone', async () => {
    const bench = await listBench();
    const before = await dumpOf(bench.target);
    const { jobId } = await bench.sync(mode);
    expect(await dumpOf(bench.target)).not.toEqual(before);
    const receipt = await bench.rollback(jobId);
    expect(await dumpOf(bench.target)).toEqual(before);
    expect(receipt).toMatchObject({ kind: 'rollback', target: 'dst', mode });
    expect((await failure(bench.rollback(jobId))).code).toBe('CONFLICT_STATE');
    // What was written in between stays too.
    await bench.target.query(`INSERT INTO "ListPart" (list, part, note) VALUES (1, 3, 'between')`);
    const written = await people(bench.target);
    await bench.rollback(receipt.jobId);
    expect(await people(bench.target)).toEqual(written);
    expect(await rowsOf(bench.target, '"Part"')).toHaveLength(9);
  });

  test('what people wrote since stays, with its numbers; rows that do not fit the old state stop it', async () => {
    const bench = await listBench();
    const before = await definitions(bench.target);
    const { jobId } = await bench.sync(mode);
    await bench.target.query(
      `INSERT INTO "ListPart" (list, part, note) VALUES (1, 9, 'a part of the new state')`,
    );
    const error = await failsAndChangesNothing(bench.target, () => bench.rollback(jobId));
    expect([error.code, error.message]).toEqual([
      'CONFLICT_UNDO_CHANGED',
      expect.stringContaining(
        '1 row(s) of public.ListPart, which are kept, refer to 1 row(s) of public.Part that will not be there, id = 9',
      ),
    ]);
    expect(error.message).not.toContain('a part of');
    await bench.target.query(
      `DELETE FROM "ListPart" WHERE part = 9;
       INSERT INTO "List" (name) VALUES ('Cleo''s'); UPDATE "ListPart" SET note = 'changed' WHERE id = 2; DELETE FROM "ListPart" WHERE id = 3;
       INSERT INTO "ListPart" (list, part, note) VALUES (3, 4, 'later'); INSERT INTO "Mine" (t) VALUES ('more'); INSERT INTO "Cache" VALUES ('new')`,
    );
    const written = await people(bench.target);
    const log = await rowsOf(bench.target, '"Log"');
    await bench.rollback(jobId);
    expect(await people(bench.target)).toEqual(written);
    expect(await definitions(bench.target)).toBe(before);
    expect(await rowsOf(bench.target, '"Part"')).toHaveLength(5);
    expect(await rowsOf(bench.target, '"Cache"')).toEqual(['(warm)']);
    expect(log).not.toEqual([]);
    expect(await rowsOf(bench.target, '"Log"')).toEqual([]);
    expect(
      await bench.target.query(
        `INSERT INTO "List" DEFAULT VALUES; INSERT INTO "Mine" DEFAULT VALUES; INSERT INTO "ListPart" (list) VALUES (1);
         SELECT (SELECT max(id) FROM "List") AS list, (SELECT max(id) FROM "ListPart") AS part, (SELECT max(id) FROM "Mine") AS mine`,
      ),
    ).toEqual([{ list: 4, part: 6, mine: 3 }]);
  });

  test('what only the new state can hold stops it; rows of kept partitions come along, without triggers', async () => {
    const bench = await createBench({
      policies: { 'Event*': 'preserve', Log: 'preserve', 'Made*': 'preserve', List: 'preserve' },
    });
    const events = `CREATE TABLE "Part" (id int PRIMARY KEY); INSERT INTO "Part" VALUES (1); CREATE TABLE "Log" (what text);
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public."Log" VALUES (TG_OP); RETURN NULL; END';
      CREATE TABLE "Event" (id int GENERATED ALWAYS AS IDENTITY, at date, part int REFERENCES "Part", PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE "Event_1" PARTITION OF "Event" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
      CREATE TABLE seen (id int, at date, FOREIGN KEY (id, at) REFERENCES "Event");
      CREATE TRIGGER noted AFTER INSERT OR DELETE ON "Event" FOR EACH ROW EXECUTE FUNCTION note();`;
    await bench.source.query(`${events} CREATE TABLE "List" (id int PRIMARY KEY, colour text DEFAULT 'none');
      CREATE TABLE "Made" (at date) PARTITION BY RANGE (at);
      CREATE TABLE "Made_1" PARTITION OF "Made" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`);
    await bench.target.query(`${events} INSERT INTO "Event" (at, part) VALUES ('2025-02-02', 1);
      CREATE TABLE "List" (id int PRIMARY KEY); INSERT INTO "List" VALUES (1)`);
    const before = await definitions(bench.target);
    const { jobId } = await bench.sync(mode);
    const stops = async (word: string): Promise<void> => {
      const error = await failsAndChangesNothing(bench.target, () => bench.rollback(jobId));
      expect([error.code, error.message]).toEqual(['CONFLICT_UNDO_CHANGED', expect.stringContaining(word)]);
    };
    // A kept table that the run made, with rows; a column that only the new state has, with something written.
    await bench.target.query(
      `CREATE TABLE "Made_2" PARTITION OF "Made" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); INSERT INTO "Made" VALUES ('2026-05-05')`,
    );
    await stops('Made_2');
    await bench.target.query(`DELETE FROM "Made"; UPDATE "List" SET colour = 'red'`);
    await stops('colour');
    await bench.target.query(`UPDATE "List" SET colour = 'none'; INSERT INTO "List" VALUES (2);
      INSERT INTO "Event" (at, part) VALUES ('2025-03-03', 1)`);
    await bench.rollback(jobId);
    expect(await rowsOf(bench.target, '"List"')).toEqual(['(1)', '(2)']);
    expect(await rowsOf(bench.target, '"Event"')).toEqual(['(1,2025-02-02,1)', '(2,2025-03-03,1)']);
    expect(await rowsOf(bench.target, '"Log"')).toEqual(['(INSERT)', '(INSERT)']);
    expect(await definitions(bench.target)).toBe(before);
    expect(await bench.target.query(`INSERT INTO "Event" (at) VALUES ('2025-04-04') RETURNING id`)).toEqual([
      { id: 3 },
    ]);
  });
});

test('when the kept database is gone, the undo says what is left', async () => {
  const bench = await listBench();
  const { jobId, keptDatabase, backup } = await bench.sync('replace');
  const wrong = await failure(bench.run({ kind: 'rollback', input: { jobId, confirm: 'src' } }));
  expect(wrong.code).toBe('USAGE_CONFIRM_MISMATCH');
  await bench.source.query(`DROP DATABASE "${keptDatabase!}" WITH (FORCE)`);
  const error = await failsAndChangesNothing(bench.target, () => bench.rollback(jobId));
  expect([error.code, error.details['backup']]).toEqual(['CONFLICT_UNDO_GONE', backup!.dumpId]);
  await bench.import({ id: backup!.dumpId }, 'replace');
  expect(await rowsOf(bench.target, '"Part"')).toHaveLength(5);
});

test('jobs that changed nothing cannot be undone', async () => {
  const bench = await listBench();
  const exported = await bench.export();
  expect((await failure(bench.rollback(exported.jobId))).code).toBe('CONFLICT_STATE');
  expect((await failure(bench.rollback('no-such-job'))).code).toBe('USAGE_NOT_FOUND');
});

test('settings, privileges, comment and limits of the database survive the switch and the undo', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE t (id int)');
  const { name: role } = await testRole();
  const { name: owner } = await testRole({ attributes: 'CREATEDB' });
  const target = `"${bench.target.name}"`;
  await bench.target.query(
    String.raw`ALTER DATABASE ${target} OWNER TO "${owner}"; ALTER DATABASE ${target} CONNECTION LIMIT 7 IS_TEMPLATE true;
     ALTER DATABASE ${target} SET search_path = "$user", 'od"d', "odd, name", public; ALTER DATABASE ${target} SET app.secret = 'it''s \ 50%=x';
     ALTER DATABASE ${target} SET statement_timeout = '90s'; ALTER DATABASE ${target} SET jit = false; ALTER DATABASE ${target} SET array_nulls = off; ALTER DATABASE ${target} SET transform_null_equals = on;
     ALTER DATABASE ${target} SET timezone = 'Europe/Berlin'; ALTER DATABASE ${target} SET default_transaction_isolation = 'serializable';
     ALTER DATABASE ${target} SET default_transaction_read_only = on; ALTER DATABASE ${target} SET session_preload_libraries = 'auto_explain', 'pg_prewarm';
     ALTER ROLE "${role}" IN DATABASE ${target} SET search_path = a, "B c"; ALTER ROLE "${role}" IN DATABASE ${target} SET work_mem = '8MB';
     REVOKE ALL ON DATABASE ${target} FROM PUBLIC; GRANT CONNECT ON DATABASE ${target} TO "${role}" WITH GRANT OPTION;
     COMMENT ON DATABASE ${target} IS 'it''s ours'`,
  );
  const facts = (): Promise<unknown> =>
    bench.source.query(
      `SELECT pg_get_userbyid(datdba) AS owner, datconnlimit, datistemplate, datallowconn, ARRAY(SELECT a::text FROM unnest(datacl) AS a ORDER BY 1) AS acl, shobj_description(oid, 'pg_database') AS comment,
         ARRAY(SELECT setrole::regrole || ': ' || x FROM pg_db_role_setting, unnest(setconfig) AS x WHERE setdatabase = d.oid ORDER BY 1) AS settings
       FROM pg_database AS d WHERE datname = $1`,
      [bench.target.name],
    );
  const before = await facts();
  const { jobId } = await bench.sync('replace');
  expect(await bench.target.query(`SELECT to_regclass('public.t') IS NOT NULL AS there`)).toEqual([
    { there: true },
  ]);
  expect(await facts()).toEqual(before);
  await bench.rollback(jobId);
  expect(await facts()).toEqual(before);
  // A template cannot be dropped, by the tests neither.
  const made = await bench.source.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
    [bench.target.name],
  );
  for (const { name } of made) await bench.source.query(`ALTER DATABASE "${name}" IS_TEMPLATE false`);
});

test('a connection limit that is smaller than the run needs is kept, and does not stop it', async () => {
  const { name, password } = await testRole({ attributes: 'CREATEDB' });
  const bench = await createBench();
  await bench.source.query(
    'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)',
  );
  await bench.target.query(
    `ALTER DATABASE "${bench.target.name}" OWNER TO "${name}"; ALTER DATABASE "${bench.target.name}" CONNECTION LIMIT 2; GRANT ALL ON SCHEMA public TO "${name}"`,
  );
  const url = new URL(bench.target.url);
  Object.assign(url, { username: name, password });
  const ordinary = await createBench({
    source: bench.source,
    target: { ...bench.target, url: url.href },
    change: (config) => ({ ...config, sync: { ...config.sync, workers: 4 } }),
  });
  await ordinary.sync('replace', { backup: 'kept', owners: false, privileges: false });
  expect(
    await bench.target.query(
      `SELECT datconnlimit AS n, (SELECT count(*)::int FROM t) AS rows FROM pg_database WHERE datname = current_database()`,
    ),
  ).toEqual([{ n: 2, rows: 100 }]);
});
