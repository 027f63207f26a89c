-- Collations of every provider, and what is sorted by them.
CREATE SCHEMA c;
CREATE COLLATION c.copied FROM "C";
CREATE COLLATION c.posix (PROVIDER = libc, LOCALE = 'POSIX');
CREATE COLLATION c.mixed (PROVIDER = libc, LC_COLLATE = 'C', LC_CTYPE = 'POSIX');
COMMENT ON COLLATION c.mixed IS 'it''s mixed';
CREATE COLLATION c.german (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
CREATE COLLATION c.icu_root (PROVIDER = icu, LOCALE = 'und');
CREATE COLLATION c.no_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE COLLATION c.numbers (PROVIDER = icu, LOCALE = 'en-u-kn-true', DETERMINISTIC = true);
CREATE COLLATION c."Odd ' ""coll""
\." (PROVIDER = icu, LOCALE = 'en-US');
\if :v16
CREATE COLLATION c.ruled (PROVIDER = icu, LOCALE = 'und', RULES = '&V << w <<< W & ''\'' < x');
CREATE COLLATION c.ruled_no_case (PROVIDER = icu, LOCALE = 'en', DETERMINISTIC = false, RULES = '&a < g');
\endif
\if :v17
CREATE COLLATION c.builtin_c (PROVIDER = builtin, LOCALE = 'C');
CREATE COLLATION c.builtin_utf8 (PROVIDER = builtin, LOCALE = 'C.UTF-8');
\endif
\if :v18
CREATE COLLATION c.builtin_fast (PROVIDER = builtin, LOCALE = 'PG_UNICODE_FAST');
\endif
-- A default, a check, an index, a view, a domain, a composite type, a partition key, a primary key.
CREATE DOMAIN c.label AS text COLLATE c.german CHECK (VALUE COLLATE c.numbers > 'a');
CREATE TYPE c.pair AS (a text COLLATE c.no_case, b character varying(5) COLLATE c."Odd ' ""coll""
\.");
CREATE TABLE c.used (
  id text COLLATE c.no_case PRIMARY KEY,
  a text COLLATE c.german DEFAULT ('x' COLLATE c.copied),
  b c.label COLLATE c.icu_root,
  l text COLLATE c.mixed CHECK (l COLLATE c.numbers < 'z')
);
CREATE INDEX used_a ON c.used (a COLLATE c.numbers, (lower(a) COLLATE c.posix) text_pattern_ops);
CREATE VIEW c.seen AS SELECT a COLLATE c.icu_root AS a FROM c.used ORDER BY l COLLATE c."Odd ' ""coll""
\.";
CREATE TABLE c.parts (k text) PARTITION BY RANGE (k COLLATE c.numbers);
CREATE TABLE c.part_one PARTITION OF c.parts FOR VALUES FROM ('a2') TO ('a10');
CREATE FUNCTION c.smallest(t text DEFAULT 'a' COLLATE c.german) RETURNS text LANGUAGE sql AS 'SELECT t COLLATE c.german';
INSERT INTO c.used VALUES ('A', 'ä', 'b', 'c');
INSERT INTO c.parts VALUES ('a9');
ALTER COLLATION c.german OWNER TO :"owner";
ALTER COLLATION c."Odd ' ""coll""
\." OWNER TO :"owner";
