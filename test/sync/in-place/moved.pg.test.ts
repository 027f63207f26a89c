import { expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { Receipt } from '../../../src/sync/contract/receipts.ts';
import { dropKept } from '../../../src/sync/verbs/drop-kept.ts';
import { keptStates } from '../../../src/sync/verbs/kept-states.ts';
import type { KeptState } from '../../../src/sync/verbs/kept-states.ts';
import { createBench, expectEqual, stateOf } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';

/** One of each kind that has a name in a schema; `n` tells two states apart. */
const everything = (n: number): string => `
CREATE TYPE mood AS ENUM ('sad', 'state ${n}');
CREATE DOMAIN positive AS int CHECK (VALUE > ${n});
CREATE TYPE pair AS (a int, b mood);
CREATE FUNCTION lesser(a float8, b float8) RETURNS float8 IMMUTABLE LANGUAGE sql AS 'SELECT a - b + ${n} - ${n}';
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = lesser);
CREATE FUNCTION add(pair, pair) RETURNS pair IMMUTABLE LANGUAGE sql AS 'SELECT ROW($1.a + $2.a + ${n}, $1.b)::public.pair';
CREATE OPERATOR + (LEFTARG = pair, RIGHTARG = pair, FUNCTION = add);
CREATE AGGREGATE total (pair) (SFUNC = add, STYPE = pair);
CREATE AGGREGATE middle (float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE PROCEDURE change(INOUT x int) LANGUAGE sql AS 'SELECT ${n}';
CREATE FUNCTION backwards(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT CASE WHEN $1 > $2 THEN -1 WHEN $1 < $2 THEN 1 ELSE 0 END';
CREATE OPERATOR FAMILY reverse USING btree;
CREATE OPERATOR CLASS reverse_ints FOR TYPE int USING btree FAMILY reverse AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 backwards(int, int);
CREATE COLLATION byte_order (provider = libc, locale = 'C');
CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION words (PARSER = pg_catalog."default");
ALTER TEXT SEARCH CONFIGURATION words ADD MAPPING FOR asciiword WITH plain;
CREATE TEXT SEARCH PARSER own (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE own (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE SEQUENCE loose START ${n};
CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, serial serial, mood mood, p positive, pair pair,
  spans span[], name text COLLATE byte_order, loose int DEFAULT nextval('loose'), twice int GENERATED ALWAYS AS (p * 2) STORED);
CREATE INDEX item_backwards ON item (p reverse_ints);
CREATE STATISTICS related ON mood, name FROM item;
CREATE TABLE parted (id int, part int) PARTITION BY LIST (part);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1) PARTITION BY RANGE (id);
CREATE TABLE parted_1a PARTITION OF parted_1 FOR VALUES FROM (0) TO (1000);
ALTER TABLE parted ADD PRIMARY KEY (id, part);
CREATE TABLE child (more int) INHERITS (item);
CREATE UNLOGGED TABLE quick (id int PRIMARY KEY, item int REFERENCES item);
CREATE TABLE "Odd ""Name""" (id int);
CREATE VIEW seen AS SELECT id, mood, total(pair) OVER () AS sum FROM item;`;

const more = (n: number): string => `
CREATE MATERIALIZED VIEW stored AS SELECT id, mood FROM seen WITH NO DATA;
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name := NEW.name || ''${n}''; RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION touched();
CREATE RULE nothing AS ON DELETE TO quick DO INSTEAD NOTHING;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON item USING (p > ${n} AND mood <> 'sad');
CREATE FUNCTION atomic(item) RETURNS mood LANGUAGE sql STABLE AS 'SELECT $1.mood';
CREATE FUNCTION of_table() RETURNS SETOF item LANGUAGE sql STABLE SET search_path = public AS 'SELECT * FROM item';
CREATE FUNCTION mood_of(pair) RETURNS mood IMMUTABLE LANGUAGE sql AS 'SELECT ($1).b';
CREATE CAST (pair AS mood) WITH FUNCTION mood_of(pair);
INSERT INTO item (mood, p, pair, spans, name) SELECT 'state ${n}', ${n} + k, ROW(k, 'sad')::pair, ARRAY[span(k, k + 1)], 'item ' || k FROM generate_series(1, 20) AS k;
INSERT INTO quick SELECT id, id FROM item;
INSERT INTO parted SELECT k, 1 FROM generate_series(1, 50) AS k;
COMMENT ON TABLE item IS 'state ${n}'; COMMENT ON COLUMN item.mood IS 'mood ${n}'; COMMENT ON TYPE mood IS 'type ${n}';
GRANT SELECT ON item TO PUBLIC; GRANT EXECUTE ON FUNCTION of_table() TO PUBLIC;`;

const ofPublic = (config: Config): Config => ({
  ...config,
  environments: new Map(
    [...config.environments].map(([name, one]) => [name, { ...one, schemas: ['public'] }]),
  ),
});

/** Runs it in place; returns the receipt, and why people waited from the first lock on. */
async function run(bench: Bench): Promise<{ readonly receipt: Receipt; readonly why: readonly string[] }> {
  const why: string[] = [];
  const receipt = await bench.sync(
    'in-place',
    {},
    {
      onEvent: (event) => {
        if (event.type === 'log' && event.message.includes('first lock')) why.push(event.message);
      },
    },
  );
  return { receipt, why };
}

const depsOf = ({ config }: Bench) => ({ config, now: Date.now });

/** What switches and their undos have put aside. */
async function keptObjects(bench: Bench): Promise<readonly KeptState[]> {
  const options = { signal: new AbortController().signal };
  const { kept } = await keptStates(depsOf(bench), { environment: 'dst' }, options);
  return kept.filter(({ kind, bytes }) => kind === 'objects' && Number(bytes) > 0);
}

test('every kind of object moves to its place, and an undo moves the old ones back', async () => {
  const bench = await createBench({ change: ofPublic });
  await bench.source.query(everything(2) + more(2));
  await bench.target.query(everything(3) + more(3));
  const before = await stateOf(bench.target);
  // The second time, what the first one and its undo have put aside is there too.
  for (const turn of [1, 2]) {
    const { jobId } = await bench.sync('switch');
    await expectEqual(bench);
    await bench.rollback(jobId);
    const kept = await keptObjects(bench);
    expect([turn, kept.length]).toEqual([turn, turn]);
  }
  const options = { signal: new AbortController().signal };
  for (const { id } of await keptObjects(bench))
    await dropKept(depsOf(bench), { id, confirm: 'dst', queued: new Map(), undone: new Map() }, options);
  expect(await stateOf(bench.target)).toEqual(before);

  const { receipt, why } = await run(bench);
  expect(why).toEqual([]);
  const { differences, equal } = await bench.verify();
  expect(differences).toEqual([]);
  expect(equal).toBe(true);
  await bench.rollback(receipt.jobId);
  const [state] = await bench.target.query(
    `SELECT (SELECT obj_description('item'::regclass)) AS comment, (SELECT max(p)::int FROM item) AS p,
      ARRAY(SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'multiboard%') AS left`,
  );
  expect(state).toEqual({ comment: 'state 3', p: 23, left: [] });
});

/** What has one name, or one place, in the whole database, and the words that name it. */
const single: readonly (readonly [sql: string, words: readonly string[]])[] = [
  [
    `CREATE FUNCTION boxed(text) RETURNS box IMMUTABLE LANGUAGE sql AS 'SELECT NULL::box';
     CREATE CAST (text AS box) WITH FUNCTION boxed(text);
     CREATE FUNCTION given(internal) RETURNS internal IMMUTABLE LANGUAGE internal AS 'numeric_support';
     CREATE TRANSFORM FOR bigint LANGUAGE plpgsql (FROM SQL WITH FUNCTION given(internal));
     CREATE TYPE same AS ENUM ('a'); CREATE CAST (same AS date) WITH INOUT;
     CREATE CAST (t AS same) WITH INOUT;
     CREATE STATISTICS beside.related ON id, n FROM t;`,
    [
      'cast (pg_catalog.text AS pg_catalog.box)',
      'cast (public.same AS pg_catalog.date), cast (public.t AS public.same)',
      'statistics object beside.related',
      'transform for bigint language plpgsql',
    ],
  ],
  [
    `CREATE FUNCTION nearer(point, point) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 0';
     CREATE OPERATOR CLASS points DEFAULT FOR TYPE point USING btree AS FUNCTION 1 nearer(point, point);
     CREATE OPERATOR FAMILY beside.family USING btree;
     CREATE FUNCTION further(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 0';
     CREATE OPERATOR CLASS member FOR TYPE int USING btree FAMILY beside.family AS FUNCTION 1 further(int, int);
     CREATE FUNCTION beside.near(point, box) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT false';
     CREATE OPERATOR beside.@!@ (LEFTARG = point, RIGHTARG = box, FUNCTION = beside.near);
     CREATE FUNCTION is_far(point, box) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
     CREATE OPERATOR @@@ (LEFTARG = point, RIGHTARG = box, FUNCTION = is_far, NEGATOR = OPERATOR(beside.@!@));
     CREATE TABLE beside.whole (id int) PARTITION BY RANGE (id);
     CREATE TABLE part PARTITION OF beside.whole FOR VALUES FROM (1) TO (10);`,
    [
      'operator class public.member USING btree',
      'operator class public.points USING btree',
      'operator public.@@@(pg_catalog.point,pg_catalog.box)',
      'table public.part',
    ],
  ],
];

test.each(single)('of what is there once in a database there are never two: %#', async (sql, words) => {
  const bench = await createBench({ change: ofPublic });
  const state = (n: number): string =>
    `CREATE SCHEMA beside; CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, ${n}); ${sql}`;
  await bench.source.query(state(2));
  await bench.target.query(state(3));
  const { receipt, why } = await run(bench);
  expect(why).toEqual([expect.stringContaining(`one alone in a database of ${words.join(', ')}`)]);
  expect(await bench.target.query('SELECT n FROM t')).toEqual([{ n: 2 }]);
  await bench.rollback(receipt.jobId);
  expect(await bench.target.query('SELECT n FROM t')).toEqual([{ n: 3 }]);
});
