/**
 * Tables of every kind that a comparison row by row can stumble over: keys of one column, of two, of text in an order
 * that no two servers need share, of uuids, of none; values that may swap between rows; tables that refer to themselves
 * and to each other; partitions, generated columns, identities, exclusion constraints, rows that are long.
 */
export const awkwardTables = `
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE plain (id int PRIMARY KEY, name text, price numeric, made timestamptz);
CREATE TABLE pair (a int, b text COLLATE "C", note text, PRIMARY KEY (b, a));
CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE worded (word text COLLATE loose PRIMARY KEY, meaning text);
CREATE TABLE marked (id uuid PRIMARY KEY, data jsonb);
CREATE TABLE heap (a int, b text);
CREATE TABLE "Odd ""Name""" ("Key Column" bigint PRIMARY KEY, "x.y" text UNIQUE);
CREATE TABLE turn (id int PRIMARY KEY, place int NOT NULL UNIQUE, later int UNIQUE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree, name text);
CREATE TABLE egg (id int PRIMARY KEY, hen int);
CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg ON DELETE CASCADE);
ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE parts (id int, kind text NOT NULL, size int, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a');
CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
CREATE TYPE mood AS ENUM ('good', 'bad', 'odd');
CREATE TABLE moods (id int, mood mood, PRIMARY KEY (id, mood)) PARTITION BY HASH (mood);
CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE born (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, side int, area int GENERATED ALWAYS AS (side * side) STORED);
CREATE TABLE booked (id int PRIMARY KEY, room int, during int4range, EXCLUDE USING gist (room WITH =, during WITH &&));
CREATE TABLE long (id int PRIMARY KEY, body text);
CREATE TABLE computed (a int, b int, c int GENERATED ALWAYS AS (a * 2) STORED PRIMARY KEY, d int GENERATED ALWAYS AS (b * 2) STORED UNIQUE);
CREATE TABLE nothing ();
CREATE TABLE same (id int PRIMARY KEY, name text);
`;

/** Rows of all of them, the same for the same seed: about `rows` of each, drawn from as many keys and a half. */
export function awkwardRows(seed: number, rows: number): string {
  const keys = Math.ceil(rows * 1.5);
  // A number from 0 to below `below`, by row and purpose.
  const drawn = (purpose: string, below: number): string =>
    `(abs(hashint8extended(i::bigint, ${seed})::numeric + hashtext('${purpose}')) % ${below})::int`;
  const some = (table: string): string =>
    `FROM generate_series(1, ${keys}) AS i WHERE abs(hashint8extended(i, ${seed} + hashtext('${table}'))) % 3 > 0`;
  // Few other values, so that most rows with a key are alike.
  const value = (purpose: string): string =>
    `CASE WHEN ${drawn(`${purpose} changed`, 10)} = 0 THEN ${drawn(purpose, 1000)} ELSE i END`;
  return `
SET session_replication_role = replica;
INSERT INTO plain SELECT i, 'n' || ${value('name')}, ${value('price')} / 7.0, timestamptz 'epoch' + i * interval '1 h' ${some('plain')};
INSERT INTO pair SELECT i % 7, 'k' || i, 'x' || ${value('pair')} ${some('pair')};
INSERT INTO worded SELECT CASE WHEN ${drawn('case', 2)} = 0 THEN 'wörd' ELSE 'WÖRD' END || i, 'm' || ${value('m')} ${some('w')};
INSERT INTO marked SELECT md5('u' || i)::uuid, jsonb_build_object('v', ${value('json')}) ${some('marked')};
INSERT INTO heap SELECT ${drawn('heap', 5)}, CASE WHEN ${drawn('null', 4)} = 0 THEN NULL ELSE 'b' || ${drawn('b', 3)} END ${some('heap')};
INSERT INTO "Odd ""Name""" SELECT i, 'u' || i ${some('odd')};
INSERT INTO turn SELECT i, row_number() OVER (ORDER BY ${drawn('place', 1000000)}, i), row_number() OVER (ORDER BY ${drawn('later', 1000000)}, i) FROM generate_series(1, ${keys}) AS i;
INSERT INTO tree SELECT i, NULLIF(i / (2 + ${drawn('tree', 2)}), 0), 't' || ${value('tree')} FROM generate_series(1, ${keys}) AS i;
INSERT INTO egg SELECT i, i FROM generate_series(1, ${keys}) AS i;
INSERT INTO hen SELECT i, 1 + (i + ${seed}) % ${keys} FROM generate_series(1, ${keys}) AS i;
INSERT INTO parts SELECT i, CASE WHEN ${drawn('kind', 3)} = 0 THEN 'a' ELSE 'b' END, ${value('size')} ${some('parts')};
INSERT INTO moods SELECT i, (ARRAY['good', 'bad', 'odd'])[1 + ${drawn('mood', 3)}]::mood ${some('moods')};
INSERT INTO born (id, side) OVERRIDING SYSTEM VALUE SELECT i, ${value('side')} ${some('born')};
INSERT INTO booked SELECT i, 1, int4range(p * 10, p * 10 + 10) FROM (SELECT i, row_number() OVER (ORDER BY ${drawn('booked', 1000000)}, i)::int AS p FROM generate_series(1, ${keys}) AS i) AS places;
INSERT INTO long SELECT i, repeat(md5('l' || ${value('long')}), 400) ${some('long')} AND i < 30;
INSERT INTO computed SELECT i, row_number() OVER (ORDER BY ${drawn('computed', 1000000)}, i) FROM generate_series(1, ${keys}) AS i;
INSERT INTO nothing SELECT FROM generate_series(1, 2 + ${seed} % 3);
INSERT INTO same SELECT i, 's' || i FROM generate_series(1, ${keys}) AS i;
SELECT setval(pg_get_serial_sequence('born', 'id'), ${keys} + ${seed});
RESET session_replication_role;
`;
}

/** Every table of schema public that holds rows, with its key; trees of hash partitions under their root's name. */
export const awkwardKeys: Readonly<Record<string, readonly string[]>> = {
  plain: ['id'],
  pair: ['b', 'a'],
  worded: ['word'],
  marked: ['id'],
  heap: [],
  'Odd "Name"': ['Key Column'],
  turn: ['id'],
  tree: ['id'],
  egg: ['id'],
  hen: ['id'],
  parts_a: ['id', 'kind'],
  parts_rest: ['id', 'kind'],
  moods: ['id', 'mood'],
  born: ['id'],
  booked: ['id'],
  long: ['id'],
  computed: [],
  nothing: [],
  same: ['id'],
};
