import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { createBench, failsAndChangesNothing, modes } from '../harness/environment-pair.ts';
import type { Bench } from '../harness/environment-pair.ts';
import { failure } from '../harness/failure.ts';

/**
 * Sources that can't be read whole. Each is named with what to do about it, before anything is written: no dump is left
 * behind, and the target stays as it was. (Missing libraries: missing-files.pg.test.ts.)
 */
describe('a source that cannot be carried whole', () => {
  let source: TestDatabase;
  let reader: TestDatabase;
  const clients: Client[] = [];

  beforeEach(async () => {
    source = await testDatabase('bad');
    await source.query(
      'CREATE TABLE "Part" (id integer PRIMARY KEY, name text); INSERT INTO "Part" VALUES (1, $$a$$)',
    );
    const { name, password } = await testRole();
    const url = new URL(source.url);
    url.username = name;
    url.password = password;
    reader = { ...source, url: url.href };
    await source.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO "${name}"`);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.end();
  });

  /** Of an export, and of a sync in both modes: all three say the same. */
  async function refusal(from: TestDatabase): Promise<{ code: string; message: string; hint: string }> {
    const bench = await createBench({ source: from });
    const said = new Set<string>();
    const attempts: ((bench: Bench) => Promise<unknown>)[] = [
      (it) => it.export(),
      ...modes.map((mode) => (it: Bench) => it.sync(mode)),
    ];
    for (const attempt of attempts) {
      const { code, message, hint } = await failsAndChangesNothing(bench.target, () => attempt(bench));
      said.add(JSON.stringify({ code, message, hint }));
    }
    expect([...said]).toHaveLength(1);
    return JSON.parse([...said][0] ?? '') as { code: string; message: string; hint: string };
  }

  async function session(): Promise<Client> {
    const client = new Client({ connectionString: source.url });
    await client.connect();
    clients.push(client);
    return client;
  }

  it('a table that the role may not read', async () => {
    await source.query('CREATE TABLE "closed;" (id integer)');
    expect(await refusal(reader)).toMatchObject({
      code: 'SOURCE_NOT_READABLE',
      message: expect.stringContaining('"public"."closed;"') as string,
      hint: expect.stringMatching(/GRANT|pg_read_all_data|privilege/i) as string,
    });
  });

  it('a sequence whose value the role may not see', async () => {
    await source.query('CREATE SEQUENCE hidden');
    expect(await refusal(reader)).toMatchObject({
      code: 'SOURCE_NOT_READABLE',
      message: expect.stringContaining('sequence(s): public.hidden') as string,
    });
  });

  it('rows that a policy hides', async () => {
    await source.query(
      'ALTER TABLE "Part" ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON "Part" USING (id > 5)',
    );
    expect(await refusal(reader)).toMatchObject({
      code: 'SOURCE_ROWS_HIDDEN',
      message: expect.stringContaining('"public"."Part"') as string,
      hint: expect.stringMatching(/BYPASSRLS|owner/i) as string,
    });
  });

  it('an index that was never finished', async () => {
    await source.query('INSERT INTO "Part" VALUES (2, $$a$$)');
    await source.query('CREATE UNIQUE INDEX CONCURRENTLY "half %" ON "Part" (name)').catch(() => {});
    const said = await refusal(source);
    expect(said).toMatchObject({
      code: 'SOURCE_OBJECT_UNSUPPORTED',
      message: expect.stringContaining('index public."half %", which is invalid') as string,
    });
  });

  it('a table that somebody is changing', async () => {
    const other = await session();
    await other.query('BEGIN; ALTER TABLE "Part" ADD COLUMN later integer');
    const bench = await createBench({ source });
    const error = await failsAndChangesNothing(bench.target, () => bench.export());
    expect(error.code).toBe('SOURCE_LOCK_TIMEOUT');
    expect(error.message).toMatch(
      /^Transactions that have not ended are changing tables: public\."Part" by pid \d+ \(postgres\)\.$/,
    );
    expect(error.hint).not.toBe('');
    await other.query('ROLLBACK');
    await bench.sync('replace');
  });

  it('objects that somebody has not committed yet are not there', async () => {
    const other = await session();
    await other.query(
      'BEGIN; CREATE TABLE uncommitted (id integer); CREATE FUNCTION later() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$',
    );
    const bench = await createBench({ source });
    const { objects } = await bench.sync('replace');
    expect(objects).toBeGreaterThan(0);
    expect(
      await bench.target.query(`SELECT to_regclass('uncommitted') AS t, to_regproc('later') AS f`),
    ).toEqual([{ t: null, f: null }]);
  });

  it('temporary tables of other sessions, which nobody else can read, are no part of a database', async () => {
    const other = await session();
    await other.query('CREATE TEMPORARY TABLE passing (id serial PRIMARY KEY)');
    const bench = await createBench({ source });
    await bench.sync('replace');
    expect((await bench.verify()).equal).toBe(true);
    expect(
      await bench.target.query(`SELECT count(*)::int AS n FROM pg_class WHERE relname = 'passing'`),
    ).toEqual([{ n: 0 }]);
  });

  it.each(modes)('a view whose query fails when it is filled (%s)', async (mode) => {
    await source.query(
      `CREATE FUNCTION divisor() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
       CREATE MATERIALIZED VIEW "br;oken" AS SELECT 1 / public.divisor() AS x FROM "Part";
       CREATE OR REPLACE FUNCTION divisor() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 0; END'`,
    );
    const bench = await createBench({ source });
    const error = await failsAndChangesNothing(bench.target, () => bench.sync(mode));
    expect(error.message).toContain('contents of materialized view public."br;oken"');
  });

  it('what is wrong is all said at once', async () => {
    await source.query('CREATE TABLE one (id integer); CREATE TABLE two (id integer)');
    const bench = await createBench({ source: reader });
    const error = await failure(bench.export());
    expect(error.message).toContain('"public"."one"');
    expect(error.message).toContain('"public"."two"');
  });
});
