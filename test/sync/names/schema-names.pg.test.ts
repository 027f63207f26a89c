import { describe, expect, test } from 'vitest';
import { tableName } from '../../../src/lib/table-name.ts';
import type { Config } from '../../../src/config/config.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { pgDump } from '../../support/client-tools.ts';
import { testDatabase } from '../../support/postgres.ts';
import { createBench, expectEqual } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase, BenchOptions, Mode } from '../../harness/environment-pair.ts';

/** A name that has to be quoted everywhere, and that would break out of a careless statement. */
const awkward = `Mü"; DROP TABLE x --`;

const named =
  (source: string, target: string, more: Partial<Config> = {}) =>
  (config: Config): Config => ({
    ...config,
    ...more,
    environments: new Map(
      [...config.environments].map(([name, environment]) => [
        name,
        { ...environment, schema: name === 'src' ? source : target },
      ]),
    ),
  });

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function bench(source: string, target: string, options: BenchOptions = {}, more: Partial<Config> = {}) {
  return createBench({ ...options, change: named(source, target, more) });
}

/** Something of every kind that names its schema, `s` being the schema. */
function everything(s: string): string {
  const literal = `'${s.replaceAll("'", "''")}`;
  return `
SET search_path = '';
CREATE TYPE ${s}.mood AS ENUM ('low', 'public', 'high');
CREATE DOMAIN ${s}.positive AS int CHECK (VALUE > 0);
CREATE TYPE ${s}.pair AS (a int, b ${s}.mood);
CREATE TYPE ${s}.span AS RANGE (subtype = float8);
CREATE COLLATION ${s}.plain (provider = libc, locale = 'C');
CREATE TABLE ${s}."Part" (
  id serial PRIMARY KEY,
  mood ${s}.mood DEFAULT 'low' NOT NULL,
  amount ${s}.positive DEFAULT 1,
  pair ${s}.pair,
  where_to regclass DEFAULT ${literal}."Part"'::regclass,
  name text COLLATE ${s}.plain,
  CHECK (mood <> 'high'::${s}.mood)
);
INSERT INTO ${s}."Part" (pair, name) SELECT ROW(g, 'low')::${s}.pair, 'part ' || g FROM pg_catalog.generate_series(1, 50) AS g;
CREATE TABLE ${s}.child (id int REFERENCES ${s}."Part", at ${s}.span);
INSERT INTO ${s}.child SELECT id, '[1,2]' FROM ${s}."Part";
CREATE FUNCTION ${s}.twice(p ${s}."Part") RETURNS int LANGUAGE sql IMMUTABLE RETURN (p).amount * 2;
CREATE FUNCTION ${s}.stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = ${s}, pg_temp AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION ${s}.counts() RETURNS bigint LANGUAGE sql SET search_path = ${s} AS 'SELECT count(*) FROM "Part"';
CREATE TRIGGER stamp BEFORE UPDATE ON ${s}."Part" FOR EACH ROW EXECUTE FUNCTION ${s}.stamp();
CREATE VIEW ${s}.parts AS SELECT p.id, p.mood, ${s}.twice(p) AS double, "public".x AS other
  FROM ${s}."Part" AS p CROSS JOIN (SELECT 1 AS x) AS "public" WHERE p.mood = 'low'::${s}.mood;
CREATE MATERIALIZED VIEW ${s}.counted AS SELECT mood, count(*) AS n FROM ${s}.parts GROUP BY mood;
CREATE UNIQUE INDEX ON ${s}.counted (mood);
CREATE INDEX by_twice ON ${s}."Part" (amount) WHERE mood <> 'high'::${s}.mood;
CREATE STATISTICS ${s}.together ON id, mood FROM ${s}."Part";
CREATE RULE quiet AS ON DELETE TO ${s}.child DO ALSO NOTHING;
ALTER TABLE ${s}."Part" ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON ${s}."Part" USING (mood <> 'high'::${s}.mood);
CREATE TABLE ${s}.parted (id int, mood ${s}.mood) PARTITION BY LIST (mood);
CREATE TABLE ${s}.parted_low PARTITION OF ${s}.parted FOR VALUES IN ('low');
INSERT INTO ${s}.parted VALUES (1, 'low');
CREATE SEQUENCE ${s}.free START 7; SELECT pg_catalog.nextval(${literal}.free');
COMMENT ON TABLE ${s}."Part" IS 'public and ${s.replaceAll("'", "''")}';
GRANT SELECT ON ${s}."Part" TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA ${s} GRANT SELECT ON TABLES TO PUBLIC;
CREATE SCHEMA other; CREATE VIEW other.seen AS SELECT id FROM ${s}."Part";
CREATE TABLE other.uses (mood ${s}.mood); INSERT INTO other.uses VALUES ('public');`;
}

/** What pg_dump says of a database in which the schema was renamed by hand: the oracle. */
async function renamedByHand(sql: string, from: string, to: string): Promise<string> {
  const database = await testDatabase('oracle');
  if (from === 'public') {
    await database.query(
      'ALTER SCHEMA public RENAME TO aside; CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC',
    );
  } else {
    await database.query(`CREATE SCHEMA ${quoted(from)}`);
  }
  await database.query(sql);
  if (to === 'public') await database.query('DROP SCHEMA public');
  await database.query(`ALTER SCHEMA ${quoted(from)} RENAME TO ${quoted(to)}`);
  if (from === 'public') await database.query('ALTER SCHEMA aside RENAME TO public');
  // As every schema public has it.
  if (to === 'public') await database.query(`COMMENT ON SCHEMA public IS 'standard public schema'`);
  // What the run itself says it does: a function's own path follows the schema.
  await database.query(
    `ALTER FUNCTION ${quoted(to)}.stamp() SET search_path = ${quoted(to)}, pg_temp; ALTER FUNCTION ${quoted(to)}.counts() SET search_path = ${quoted(to)}`,
  );
  return schemaOf(database);
}

async function schemaOf({ url }: Pick<BenchDatabase, 'url'>): Promise<string> {
  const { stdout, stderr, code } = await pgDump(url, ['--schema-only', '--restrict-key=k']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

async function plan(it: Bench) {
  return planSync(
    { config: it.config, now: Date.now },
    { source: 'src', target: 'dst' },
    { signal: new AbortController().signal },
  );
}

const pairs: readonly (readonly [from: string, to: string, mode: Mode])[] = [
  ['public', 'multiboard', 'replace'],
  [awkward, 'public', 'replace'],
  ['multiboard', 'public', 'in-place'],
  ['public', awkward, 'in-place'],
];

describe('a schema of another name in the target', () => {
  test.each(pairs)(
    '"%s" becomes "%s": everything that names it, and nothing else, %s',
    async (from, to, mode) => {
      const it = await bench(from, to);
      if (from !== 'public') await it.source.query(`CREATE SCHEMA ${quoted(from)}`);
      await it.source.query(everything(quoted(from)));
      if (to !== 'public') await it.target.query(`CREATE SCHEMA ${quoted(to)}`);
      await it.target.query(
        `CREATE TABLE ${quoted(to)}.old (id int); CREATE VIEW ${quoted(to)}.v AS SELECT * FROM ${quoted(to)}.old`,
      );
      const receipt = await it.sync(mode);
      expect(receipt.schemas).toEqual({ source: from, target: to });
      expect(receipt.tables.map(({ table }) => table)).toContain(tableName({ schema: to, name: 'Part' }));
      expect(await schemaOf(it.target)).toBe(await renamedByHand(everything(quoted(from)), from, to));
      expect(
        await it.target.query(
          `SELECT ${quoted(to)}.counts() AS n, (SELECT count(*) FROM ${quoted(to)}.child) AS c`,
        ),
      ).toEqual([{ n: '50', c: '50' }]);
      // In place once more, over what is there now.
      if (mode === 'in-place') await it.sync(mode);
      await expectEqual(it);
    },
  );
});

describe('what the plan says of a schema of another name', () => {
  test('each object whose text holds the old name, and no other; the tables under their new names', async () => {
    const it = await bench('public', 'multiboard');
    await it.source.query(everything('public'));
    await it.source.query(`
      CREATE FUNCTION public.dynamic() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT * FROM ' || 'public.child'; END $$;
      CREATE FUNCTION public.quiet() RETURNS void LANGUAGE plpgsql AS $$ BEGIN GRANT SELECT ON child TO PUBLIC; END $$;
      CREATE FUNCTION other.far() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM PUBLIC.child';
      CREATE TABLE public.late (id int DEFAULT nextval('public.free'::text::regclass), status text CHECK (status <> 'publication'));
      CREATE VIEW other.texts AS SELECT 'public.child'::text AS name`);
    const { warnings, tables, schemas, blockers, differences } = await plan(it);
    expect(blockers).toEqual([]);
    expect(schemas).toEqual({ source: 'public', target: 'multiboard' });
    expect(
      warnings
        .filter((warning) => warning.includes('mentions'))
        .map((warning) => warning.split(' mentions')[0])
        .toSorted((a, b) => (a! < b! ? -1 : 1)),
    ).toEqual(['function other.far()', 'function public.dynamic()', 'table public.late', 'view other.texts']);
    expect(tables.map(({ table }) => table)).toContain('multiboard.Part');
    expect(differences?.map(({ name }) => name)).toContain('table multiboard."Part"');
    // The warning is true: the text is what it was, everything else is renamed.
    await it.sync('replace');
    expect(await it.target.query('SELECT multiboard.counts() AS n')).toEqual([{ n: '50' }]);
    await expect(it.target.query('SELECT multiboard.dynamic()')).rejects.toThrow(/public\.child/);
    expect((await plan(it)).differences).toEqual([]);
  });
});
