import { beforeAll, expect, test } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { serverUrl, testRole } from '../support/postgres.ts';
import { createDatabase, queryOnce } from '../support/postgres-connection.ts';
import { createBench, expectEqual } from './bench.ts';
import type { Bench, BenchDatabase } from './bench.ts';

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

test.each([
  ['a row’s value', `UPDATE "Part" SET name = 'Part 7' WHERE id = 7`, 'public.Part: 1000 rows on both sides'],
  [
    'a digit',
    `UPDATE "Part" SET price = price + 0.01 WHERE id = 999`,
    'public.Part: 1000 rows on both sides',
  ],
  [
    'NULL for an empty string',
    `UPDATE no_key SET b = '' WHERE b IS NULL`,
    'public.no_key: 3 rows on both sides',
  ],
  [
    'a missing row',
    `DELETE FROM "Part" WHERE id = 1000`,
    'public.Part: 1000 rows on the left, 999 on the right',
  ],
  [
    'a row too many',
    `INSERT INTO no_key VALUES (1, 'a')`,
    'public.no_key: 3 rows on the left, 4 on the right',
  ],
  [
    'one twin for another',
    `DROP RULE nothing ON no_key; DELETE FROM no_key WHERE ctid = '(0,1)'; INSERT INTO no_key VALUES (2, NULL); CREATE RULE nothing AS ON DELETE TO no_key DO INSTEAD NOTHING`,
    'public.no_key: 3 rows on both sides',
  ],
  ['a row in a partition', 'UPDATE by_range SET a = 2', 'public.low: 1 rows on both sides'],
  ['a missing index', 'DROP INDEX by_name', 'index public.by_name: is missing'],
  [
    'another index',
    'DROP INDEX by_name; CREATE INDEX by_name ON "Part" (lower(name))',
    'index public.by_name: is different',
  ],
  [
    'a missing foreign key',
    'ALTER TABLE "Tag" DROP CONSTRAINT tag_part',
    'foreign key tag_part on public."Tag": is missing',
  ],
  [
    'another action of a foreign key',
    'ALTER TABLE "Tag" DROP CONSTRAINT tag_part, ADD CONSTRAINT tag_part FOREIGN KEY (part) REFERENCES "Part"',
    'foreign key tag_part on public."Tag": is different',
  ],
  [
    'a foreign key that is not validated',
    'ALTER TABLE "Tag" DROP CONSTRAINT tag_part, ADD CONSTRAINT tag_part FOREIGN KEY (part) REFERENCES "Part" ON DELETE CASCADE NOT VALID',
    'foreign key tag_part on public."Tag": is different',
  ],
  [
    'a missing unique constraint',
    'ALTER TABLE "Tag" DROP CONSTRAINT "Tag_part_key"',
    'unique constraint "Tag_part_key" on public."Tag": is missing',
  ],
  [
    'a missing check',
    'ALTER TABLE "Part" DROP CONSTRAINT "Part_price_check"',
    'table public."Part": is different',
  ],
  [
    'a missing primary key',
    'ALTER TABLE "Tag" DROP CONSTRAINT "Tag_pkey"',
    'primary key "Tag_pkey" on public."Tag": is missing',
  ],
  ['a missing NOT NULL', 'ALTER TABLE "Part" ALTER COLUMN name DROP NOT NULL', 'public."Part"'],
  ['another default', `ALTER TABLE "Part" ALTER COLUMN name SET DEFAULT 'y'`, 'public."Part": is different'],
  [
    'another type of a column',
    'ALTER TABLE "Part" ALTER COLUMN big TYPE varchar',
    'table public."Part": is different',
  ],
  ['a dropped column', 'ALTER TABLE "Part" DROP COLUMN big', 'table public."Part": is different'],
  [
    'another storage of a column',
    'ALTER TABLE "Part" ALTER COLUMN big SET STORAGE EXTERNAL',
    'public."Part": is different',
  ],
  [
    'another expression of a generated column',
    'ALTER TABLE "Part" DROP COLUMN twice, ADD COLUMN twice int GENERATED ALWAYS AS (2 + 0) STORED',
    'table public."Part": is different',
  ],
  ['identity by default', 'ALTER TABLE "Tag" ALTER COLUMN id SET GENERATED BY DEFAULT', 'Tag_id_seq"'],
  [
    'another value of a sequence',
    `SELECT setval('"Part_id_seq"', 1001)`,
    'value of sequence public."Part_id_seq": is different',
  ],
  [
    'a sequence that was not called',
    `SELECT setval('free_ids', 1, false)`,
    'value of sequence public.free_ids: is different',
  ],
  [
    'another step of a sequence',
    'ALTER SEQUENCE free_ids INCREMENT 2',
    'sequence public.free_ids: is different',
  ],
  [
    'a trigger that is switched off',
    'ALTER TABLE "Part" DISABLE TRIGGER fired',
    'trigger fired on public."Part": is different',
  ],
  ['a missing trigger', 'DROP TRIGGER fired ON "Part"', 'trigger fired on public."Part": is missing'],
  ['a missing rule', 'DROP RULE nothing ON no_key', 'rule nothing on public.no_key: is missing'],
  ['a grant', 'GRANT INSERT ON "Part" TO PUBLIC', 'privileges on table public."Part": is different'],
  ['a missing grant', 'REVOKE SELECT ON "Part" FROM PUBLIC', 'privileges on table public."Part": is missing'],
  ['another owner', 'ALTER TABLE "Part" OWNER TO "$ROLE"', 'owner of table public."Part": is different'],
  [
    'a comment',
    `COMMENT ON COLUMN "Part".name IS 'its Name'`,
    'comment on column name of table public."Part": is different',
  ],
  ['a missing policy', 'DROP POLICY all_rows ON "Part"', 'policy all_rows on public."Part": is missing'],
  [
    'another policy',
    'ALTER POLICY all_rows ON "Part" USING (false)',
    'policy all_rows on public."Part": is different',
  ],
  ['row security switched off', 'ALTER TABLE "Part" DISABLE ROW LEVEL SECURITY', 'row security'],
  ['an enum’s label', `ALTER TYPE mood ADD VALUE 'glad'`, 'enum public.mood: is different'],
  [
    'another order of an enum',
    `ALTER TYPE mood RENAME VALUE 'sad' TO 'tmp'; ALTER TYPE mood RENAME VALUE 'ok' TO 'sad'; ALTER TYPE mood RENAME VALUE 'tmp' TO 'ok'`,
    'enum public.mood: is different',
  ],
  ['a domain’s check', `ALTER DOMAIN slug ADD CHECK (VALUE <> 'x')`, 'public.slug'],
  ['a composite type', 'ALTER TYPE pair ADD ATTRIBUTE c int', 'composite type public.pair: is different'],
  [
    'a function’s body',
    `CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 2'`,
    'function public.f(integer): is different',
  ],
  [
    'a view',
    `CREATE OR REPLACE VIEW names AS SELECT name || '' AS name FROM "Part"`,
    'view public.names: is different',
  ],
  ['an unfilled materialized view', 'REFRESH MATERIALIZED VIEW counted WITH NO DATA', 'public.counted'],
  ['a missing table', 'DROP TABLE no_key', 'table public.no_key: is missing'],
  ['a table too many', 'CREATE TABLE other.more (id int)', 'table other.more: is too many'],
  [
    'another bound of a partition',
    'ALTER TABLE by_range DETACH PARTITION low; ALTER TABLE by_range ATTACH PARTITION low FOR VALUES FROM (0) TO (11)',
    'public.low',
  ],
  ['a missing extension', 'DROP EXTENSION hstore', 'extension hstore: is missing'],
  ['a missing schema', 'DROP SCHEMA other', 'schema other: is missing'],
])('verify names %s', async (_, mutation, expected) => {
  await withClone(async (clone) => {
    await clone.query(mutation.replaceAll('$ROLE', role));
    const spoiled = await createBench({ source: bench.source, target: clone });
    const { equal, differences } = await spoiled.verify();
    expect(equal).toBe(false);
    expect(differences.map(({ name, difference }) => `${name}: ${difference}`)).toContainEqual(
      expect.stringContaining(expected),
    );
    // One thing was changed; what is named belongs to it.
    expect(differences.length).toBeLessThan(5);
  });
});

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
    CREATE TABLE "Cache" (id int); CREATE TABLE "Log" (id serial);`;
  await bench.source.query(`${both} CREATE TABLE _migrations (id int); INSERT INTO "Part" VALUES (1);
    INSERT INTO "Profile" (part) VALUES (1); INSERT INTO "Cache" VALUES (1); INSERT INTO "Log" DEFAULT VALUES`);
  await bench.target.query(`${both} CREATE TABLE _migrations (id text PRIMARY KEY);`);
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
    ]),
  );
  await bench.target.query(
    'ALTER TABLE "Profile" ADD COLUMN more int; ALTER TABLE _migrations ADD COLUMN more int',
  );
  expect((await bench.verify()).differences.map(({ name }) => name)).toEqual(['table public."Profile"']);
});
