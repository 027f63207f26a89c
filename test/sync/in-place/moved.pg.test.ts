import { expect, test } from 'vitest';
import { createBench } from '../../harness/environment-pair.ts';

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

test('every kind of object moves to its place, and an undo moves the old ones back', async () => {
  const bench = await createBench({
    change: (config) => ({
      ...config,
      environments: new Map(
        [...config.environments].map(([name, one]) => [name, { ...one, schemas: ['public'] }]),
      ),
    }),
  });
  await bench.source.query(everything(2) + more(2));
  await bench.target.query(everything(3) + more(3));
  const logged: string[] = [];
  const receipt = await bench.sync(
    'in-place',
    {},
    {
      onEvent: (event) => {
        if (event.type === 'log') logged.push(event.message);
      },
    },
  );
  expect(logged.filter((line) => line.includes('first lock'))).toEqual([]);
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
