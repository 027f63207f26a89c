import { expect, test } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { undoOutlook } from '../../../src/sync/undo/undo-outlook.ts';
import { undoWords } from '../../../src/sync/undo/undo-words.ts';
import { testRole } from '../../support/postgres.ts';
import { createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

/** Objects that work where they are and cannot be made again, each with the words that must name it. */
const impossible: readonly (readonly [string, string])[] = [
  [
    `CREATE FUNCTION ok(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true'; CREATE TABLE checked (v int CHECK (public.ok(v))); INSERT INTO checked VALUES (1);
     CREATE OR REPLACE FUNCTION ok(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1 > 1'`,
    'rows of public.checked',
  ],
  [
    `CREATE FUNCTION fine(text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true'; CREATE DOMAIN code AS text CHECK (public.fine(VALUE)); CREATE TABLE coded (c code);
     INSERT INTO coded VALUES ('x'); CREATE OR REPLACE FUNCTION fine(text) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT false'`,
    'rows of public.coded',
  ],
  [
    `CREATE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2'; CREATE TABLE made (v int, w int GENERATED ALWAYS AS (public.twice(v)) STORED);
     INSERT INTO made VALUES (1); CREATE OR REPLACE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 3'`,
    'rows of public.made come out different',
  ],
  [
    `CREATE FUNCTION key(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END'; CREATE TABLE indexed (v int); CREATE INDEX raising ON indexed (public.key(v));
     INSERT INTO indexed VALUES (7); CREATE OR REPLACE FUNCTION key(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RAISE ''secret %'', $1; END'`,
    'index public.raising',
  ],
  [
    `CREATE TABLE many (v int); CREATE FUNCTION same(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'; CREATE UNIQUE INDEX once ON many (public.same(v));
     INSERT INTO many VALUES (1), (2); CREATE OR REPLACE FUNCTION same(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 0'`,
    'index public.once',
  ],
  [
    `CREATE TYPE sort AS (n int); CREATE FUNCTION as_text(sort) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT ''sort''::text'; CREATE TABLE sorted (s sort);
     CREATE CAST (sort AS text) WITH FUNCTION as_text(sort); CREATE VIEW cast_away AS SELECT s::text AS t FROM sorted; DROP CAST (sort AS text)`,
    'view public.cast_away',
  ],
  [
    `CREATE TABLE zero (n int); INSERT INTO zero VALUES (1); CREATE MATERIALIZED VIEW refreshed AS SELECT 1 / n AS x FROM zero; UPDATE zero SET n = 0`,
    'contents of materialized view public.refreshed',
  ],
  [
    `CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE orphan (p int CONSTRAINT orphan_fk REFERENCES parent); SET session_replication_role = replica;
     INSERT INTO orphan VALUES (5); RESET session_replication_role`,
    'foreign key orphan_fk on public.orphan',
  ],
  [
    `CREATE TABLE pointed (v int); CREATE INDEX later ON pointed (v); CREATE TABLE pointer (r regclass); INSERT INTO pointer VALUES ('public.later')`,
    'rows of public.pointer',
  ],
  [
    `CREATE DOMAIN name_of AS regclass; CREATE TABLE pointed_by_domain (v int); CREATE INDEX later_too ON pointed_by_domain (v);
     CREATE TABLE domain_pointer (r name_of); INSERT INTO domain_pointer VALUES ('public.later_too')`,
    'rows of public.domain_pointer',
  ],
  [
    `CREATE TABLE due (at timestamptz CHECK (at > clock_timestamp())); INSERT INTO due VALUES (clock_timestamp() + '50 ms'); SELECT pg_sleep(0.06)`,
    'rows of public.due',
  ],
  [
    `CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = pg_catalog.simple); CREATE TEXT SEARCH CONFIGURATION found (PARSER = pg_catalog."default");
     ALTER TEXT SEARCH CONFIGURATION found ADD MAPPING FOR asciiword WITH words;
     CREATE TABLE searched (body text, found tsvector GENERATED ALWAYS AS (to_tsvector('public.found'::regconfig, body)) STORED);
     INSERT INTO searched (body) VALUES ('the cat'); ALTER TEXT SEARCH DICTIONARY words (STOPWORDS = english)`,
    'rows of public.searched come out different',
  ],
];

test('what cannot be made again is named before anything is dropped, all of it', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE plain (id int); INSERT INTO plain VALUES (1)');
  for (const [sql] of impossible) await bench.target.query(sql);
  const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
  expect(error.code).toBe('TARGET_UNSUPPORTED');
  const named = error.details['objects'] as readonly string[];
  for (const [, words] of impossible) expect(named).toContainEqual(expect.stringContaining(words));
  expect(named).toHaveLength(impossible.length);
  expect(error.message).not.toContain('secret');
});

/** Each row is a megabyte, and the rows are more than what is loaded for a trial. */
const large = `CREATE TABLE large (t text); INSERT INTO large SELECT repeat('x', 1024 * 1024) FROM generate_series(1, 66);`;

test('of many rows those are loaded that meet what users wrote; keys and views are tried where the rows lie', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE plain (id int); INSERT INTO plain VALUES (1)');
  await bench.target.query(large);
  const tried = impossible.filter(([, words]) => !words.includes('many'));
  for (const [sql] of tried) await bench.target.query(sql);
  const error = await failure(bench.sync('in-place'));
  const named = error.details['objects'] as readonly string[];
  for (const [, words] of tried) expect(named).toContainEqual(expect.stringContaining(words));
  expect(named).toHaveLength(tried.length);
});

test('what lies outside the schemas of the run may make rows otherwise as well', async () => {
  const bench = await createBench({
    change: (config) => ({
      ...config,
      environments: new Map(
        [...config.environments].map(([name, one]) => [name, { ...one, schemas: ['public'] }]),
      ),
    }),
  });
  await bench.source.query('CREATE TABLE plain (id int); INSERT INTO plain VALUES (1)');
  await bench.target.query(
    `CREATE SCHEMA lib; CREATE FUNCTION lib.next(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1';
     CREATE TABLE counted (id int PRIMARY KEY, n int GENERATED ALWAYS AS (lib.next(id)) STORED); INSERT INTO counted VALUES (1);
     CREATE OR REPLACE FUNCTION lib.next(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 2'`,
  );
  await bench.target.query(impossible.at(-1)?.[0] ?? '');
  const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
  expect(error.code).toBe('TARGET_UNSUPPORTED');
  expect(error.details['objects']).toEqual([
    expect.stringContaining('rows of public.counted come out different'),
    expect.stringContaining('rows of public.searched come out different'),
  ]);
});

test('an undo is not refused for what it takes away, and says that it could not be brought back', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE plain (id int); INSERT INTO plain VALUES (1)');
  await bench.target.query('CREATE TABLE old (id int PRIMARY KEY); INSERT INTO old VALUES (7)');
  const { jobId, undoLacks } = await bench.sync('in-place');
  expect(undoLacks).toEqual([]);
  expect(undoWords((await undoOutlook({ config: bench.config, now: Date.now }, jobId))!)).toBeNull();
  await bench.target.query(impossible[0]?.[0] ?? '');
  const receipt = await bench.rollback(jobId);
  expect(await bench.target.query('SELECT id FROM old')).toEqual([{ id: 7 }]);
  expect(receipt.warnings.join()).toContain('rows of public.checked');
  expect(receipt.undoLacks).toEqual([expect.stringContaining('rows of public.checked')]);
});

test('what an undo would bring back otherwise is said by the plan, the receipt, the job and the undo', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE plain (id int); INSERT INTO plain VALUES (1)');
  await bench.target.query(
    `CREATE EXTENSION pg_trgm VERSION '1.4'; CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
     CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (password 'hush'); CREATE TABLE t (v int); INSERT INTO t VALUES (1), (1)`,
  );
  // An index that failed half-way cannot be carried; it goes where the options name it.
  await bench.target.query('CREATE UNIQUE INDEX CONCURRENTLY broken ON t (v)').catch(() => {});
  const leaveOut = ['index public.broken'];
  const { warnings, safety, sessions } = await planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst', mode: 'in-place', leaveOut },
    { signal: new AbortController().signal },
  );
  // In place nobody is sent away, not even we, who are connected to it here.
  expect([safety, sessions]).toEqual(['a dump of the target', []]);
  const words = warnings.find((warning) => warning.includes('would not restore'));
  expect(words).toMatch(
    /index public\.broken \(not in the safety copy\).*user mapping.*pg_trgm \(in version 1\.6/,
  );
  const receipt = await bench.sync('in-place', { leaveOut });
  expect(receipt.warnings.filter((warning) => warning.includes('would not restore'))).toEqual([words]);
  expect(receipt.undoLacks).toHaveLength(3);
  expect(undoWords((await undoOutlook({ config: bench.config, now: Date.now }, receipt.jobId))!)).toBe(words);
  expect((await bench.rollback(receipt.jobId)).warnings).toContain(words);
});

test('what this role could not make again is known to the plan', async () => {
  const role = await testRole();
  const bench = await createBench();
  await bench.target.query(
    `ALTER DATABASE "${bench.target.name}" OWNER TO "${role.name}";
     CREATE FUNCTION leaky(int) RETURNS boolean LANGUAGE sql LEAKPROOF IMMUTABLE AS 'SELECT $1 > 0'; ALTER FUNCTION leaky OWNER TO "${role.name}"`,
  );
  const url = new URL(bench.target.url);
  url.username = role.name;
  url.password = role.password;
  const as = await createBench({ source: bench.source, target: { ...bench.target, url: url.href } });
  await as.source.query('CREATE TABLE plain (id int)');
  const { blockers } = await planSync(
    { config: as.config, now: Date.now },
    { source: 'src', target: 'dst', mode: 'in-place', owners: false },
    { signal: new AbortController().signal },
  );
  expect(blockers.map(({ code }) => code)).toEqual(['TARGET_UNSUPPORTED']);
  expect(blockers[0]?.message).toContain('function public.leaky(integer)');
  const error = await failsAndChangesNothing(bench.target, () => as.sync('in-place', { owners: false }));
  expect(error.message).toBe(blockers[0]?.message);
});
