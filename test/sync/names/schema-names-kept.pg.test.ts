import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { pgDump } from '../../support/client-tools.ts';
import {
  createBench,
  expectEqual,
  failsAndChangesNothing,
  modes,
  rowsOf,
  stateOf,
} from '../../harness/environment-pair.ts';
import type { Bench, BenchOptions, Mode } from '../../harness/environment-pair.ts';

const named =
  (source: string, target: string) =>
  (config: Config): Config => ({
    ...config,
    environments: new Map(
      [...config.environments].map(([name, environment]) => [
        name,
        { ...environment, schema: name === 'src' ? source : target },
      ]),
    ),
  });

function bench(source: string, target: string, options: BenchOptions = {}): Promise<Bench> {
  return createBench({ ...options, change: named(source, target) });
}

const blockers = async ({ config }: Bench) =>
  (
    await planSync(
      { config, now: Date.now },
      { source: 'src', target: 'dst' },
      { signal: new AbortController().signal },
    )
  ).blockers;

/** The application's tables in a schema. */
const app = (schema: string): string => `
  CREATE SCHEMA IF NOT EXISTS ${schema};
  CREATE TYPE ${schema}.mood AS ENUM ('low', 'high');
  CREATE TABLE ${schema}."Part" (id int PRIMARY KEY, name text);
  CREATE TABLE ${schema}."Profile" (id serial PRIMARY KEY, part int CONSTRAINT to_part REFERENCES ${schema}."Part",
    mood ${schema}.mood DEFAULT 'low', at regclass DEFAULT '${schema}."Part"'::regclass, pair ${schema}.mood[]);
  CREATE INDEX by_part ON ${schema}."Profile" (part);
  CREATE TABLE ${schema}."Cache" (id int);
  CREATE VIEW ${schema}.seen AS SELECT p.id, q.name FROM ${schema}."Profile" AS p JOIN ${schema}."Part" AS q ON q.id = p.part;
  CREATE MATERIALIZED VIEW ${schema}.counted AS SELECT count(*) AS n FROM ${schema}.seen;`;

/** Rules that name tables as either end knows them, or without a schema. */
const policies = {
  'public.Profile': 'preserve',
  Cache: 'truncate',
  'multiboard._migrations': 'exclude',
  'public.Own': 'exclude',
} as const;

async function benchUnder(source: string, target: string): Promise<Bench> {
  const it = await bench(source, target, { policies });
  await it.source.query(`${app(source)}
    INSERT INTO ${source}."Part" SELECT g, 'new ' || g FROM generate_series(1, 9) AS g;
    INSERT INTO ${source}."Profile" (part) VALUES (1); INSERT INTO ${source}."Cache" VALUES (1);
    REFRESH MATERIALIZED VIEW ${source}.counted`);
  await it.target.query(`${app(target)}
    INSERT INTO ${target}."Part" SELECT g, 'old ' || g FROM generate_series(1, 5) AS g;
    INSERT INTO ${target}."Profile" (part, mood, pair) VALUES (1, 'high', ARRAY['low', 'high']::${target}.mood[]), (5, 'low', NULL);
    INSERT INTO ${target}."Cache" VALUES (7);
    CREATE TABLE ${target}._migrations (id text PRIMARY KEY, mood ${target}.mood, part int REFERENCES ${target}."Part");
    INSERT INTO ${target}._migrations VALUES ('one', 'high', 3); CREATE INDEX by_mood ON ${target}._migrations (mood)`);
  return it;
}

const people = async ({ target }: Bench, schema: string): Promise<unknown> => [
  await rowsOf(target, `${schema}."Profile"`),
  await rowsOf(target, `${schema}._migrations`),
];

describe('kept tables under a schema of another name', () => {
  test.each<[string, string, Mode]>([
    ['public', 'multiboard', 'replace'],
    ['multiboard', 'public', 'in-place'],
    ['a', 'b', 'replace'],
  ])('"%s" becomes "%s", and back by an undo, %s', async (source, target, mode) => {
    const it = await benchUnder(source, target);
    if (source === 'a') {
      Object.assign(it.config, {
        tablePolicies: [
          { table: 'a.Profile', policy: 'preserve' },
          { table: 'b._migrations', policy: 'exclude' },
          { table: 'Cache', policy: 'truncate' },
        ],
      });
    }
    if (target === 'public') {
      Object.assign(it.config, {
        tablePolicies: [
          { table: 'multiboard.Profile', policy: 'preserve' },
          { table: 'public._migrations', policy: 'exclude' },
          { table: 'Cache', policy: 'truncate' },
        ],
      });
    }
    const before = await stateOf(it.target);
    const rows = await people(it, target);
    const receipt = await it.sync(mode);
    expect(Object.fromEntries(receipt.tables.map(({ table, content }) => [table, content]))).toEqual({
      [`${target}.Part`]: 'source',
      [`${target}.Profile`]: 'kept',
      [`${target}.Cache`]: 'empty',
      [`${target}._migrations`]: 'kept',
    });
    expect(await people(it, target)).toEqual(rows);
    expect(
      await it.target.query(
        `INSERT INTO ${target}."Profile" (part) VALUES (9) RETURNING id, at::oid::regclass = '${target}."Part"'::regclass AS same;`,
      ),
    ).toEqual([{ id: 3, same: true }]);
    expect(await rowsOf(it.target, `${target}.counted`)).toEqual(['(2)']);
    await expectEqual(it);
    await it.target.query(`DELETE FROM ${target}."Profile" WHERE part = 9`);
    await it.rollback(receipt.jobId);
    expect(await people(it, target)).toEqual(rows);
    // The number that was given is not given again; everything else is as it was.
    await it.target.query(`SELECT setval('${target}."Profile_id_seq"', 2)`);
    expect((await stateOf(it.target))['dump']).toEqual(before['dump']);
  });

  test('an import gives a dump’s schema its name here: ours says what it is, for a foreign one we say it', async () => {
    const it = await bench('public', 'multiboard');
    await it.source.query(`${app('public')} INSERT INTO public."Part" VALUES (1, 'one')`);
    const exported = await it.export();
    const receipt = await it.import({ id: exported.dump!.dumpId }, 'in-place');
    expect(receipt.schemas).toEqual({ source: 'public', target: 'multiboard' });
    await expectEqual(it);
    const file = join(it.directory, 'foreign.sql');
    await writeFile(file, (await pgDump(it.source.url, [])).stdout);
    await it.import({ file }, 'in-place', { schema: 'public' });
    await expectEqual(it);
    expect(await rowsOf(it.target, 'multiboard."Part"')).toEqual(['(1,one)']);
  });

  test.each([
    ['public', 'multiboard', 'CREATE SCHEMA multiboard', /has a schema of that name as well\./],
    [
      'multiboard',
      'public',
      'CREATE SCHEMA multiboard; CREATE TABLE public.t (id int)',
      /not empty: table public\.t/,
    ],
    ['multiboard', 'public', 'CREATE TABLE public.t (id int)', /no schema "multiboard"/],
    ['public', 'pg_mine', 'CREATE TABLE t (id int)', /belongs to PostgreSQL itself/],
  ])('"%s" cannot become "%s" in a source with %s', async (source, target, sql, message) => {
    const it = await bench(source, target);
    await it.source.query(sql);
    const planned = await blockers(it);
    expect(planned.map(({ code }) => code)).toContain('CONFLICT_SCHEMA_NAMES');
    const error = await failsAndChangesNothing(it.target, () => it.sync('in-place'));
    expect(error.code).toBe('CONFLICT_SCHEMA_NAMES');
    expect(error.message).toMatch(message);
  });
});

describe.each(modes)('the schema public, %s', (mode) => {
  test('a public schema of the target’s own stays with its settings and its kept tables', async () => {
    const it = await benchUnder('public', 'multiboard');
    await it.target
      .query(`CREATE TABLE public."Own" (id int PRIMARY KEY, name text DEFAULT 'x'); INSERT INTO public."Own" VALUES (1);
      CREATE TABLE public.gone (id int); COMMENT ON SCHEMA public IS 'ours'; GRANT CREATE ON SCHEMA public TO PUBLIC;
      ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC`);
    const settings = () =>
      it.target.query(
        `SELECT nspowner::regrole::text, nspacl::text, obj_description(oid) AS comment, oid = 2200 AS first,
           (SELECT count(*) FROM pg_default_acl) AS defaults FROM pg_namespace WHERE nspname = 'public'`,
      );
    const before = await settings();
    await it.sync(mode);
    expect(await settings()).toEqual(before);
    expect(await rowsOf(it.target, 'public."Own"')).toEqual(['(1,x)']);
    expect(await it.target.query(`SELECT to_regclass('public.gone') AS gone`)).toEqual([{ gone: null }]);
    // In place once more, over what is there now.
    if (mode === 'in-place') await it.sync(mode);
    expect(await settings()).toEqual(before);
    await expectEqual(it);
  });

  test('extensions in the source’s public move into the schema that becomes public', async () => {
    const it = await bench('multiboard', 'public');
    await it.source
      .query(`CREATE EXTENSION citext SCHEMA public; CREATE EXTENSION btree_gist SCHEMA public; ${app('multiboard')}
      CREATE TABLE multiboard.texts (t public.citext PRIMARY KEY, at int4range, EXCLUDE USING gist (at WITH &&));
      INSERT INTO multiboard.texts VALUES ('A', '[1,2]')`);
    await it.sync(mode);
    expect(
      await it.target.query(`SELECT t::text FROM public.texts WHERE t OPERATOR(public.=) 'a'::public.citext`),
    ).toEqual([{ t: 'A' }]);
    // In place once more, over what is there now.
    if (mode === 'in-place') await it.sync(mode);
    await expectEqual(it);
  });
});
