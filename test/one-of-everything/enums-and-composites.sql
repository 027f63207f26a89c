-- Enums and composite types: labels and attributes added, renamed and dropped later, nested, with collations and
-- comments.
CREATE SCHEMA e;
CREATE COLLATION e.c FROM "C";
CREATE TYPE e.none AS ENUM ();
CREATE TYPE e."Odd ' ""enum""
\." AS ENUM ('it''s', '\.', '', ' ', 'a
b', '😀', 'ääääääääääääääääääääääääääääääx');
CREATE TYPE e.grown AS ENUM ('b', 'd');
ALTER TYPE e.grown ADD VALUE 'a' BEFORE 'b';
ALTER TYPE e.grown ADD VALUE 'c' AFTER 'b';
ALTER TYPE e.grown ADD VALUE 'e';
ALTER TYPE e.grown RENAME VALUE 'e' TO 'E';
COMMENT ON TYPE e.grown IS 'grown';
CREATE DOMAIN e.label AS text COLLATE e.c CHECK (VALUE <> '');
CREATE TYPE e.empty AS ();
CREATE TYPE e."Odd ' ""pair""
\." AS ("a ' ""b""
\." integer, "select" text COLLATE e.c, "%I" e."Odd ' ""enum""
\."[]);
COMMENT ON TYPE e."Odd ' ""pair""
\." IS '\.';
COMMENT ON COLUMN e."Odd ' ""pair""
\."."a ' ""b""
\." IS 'it''s the first';
CREATE TYPE e.changed AS (gone integer, kept text, retyped integer, renamed date);
ALTER TYPE e.changed DROP ATTRIBUTE gone;
ALTER TYPE e.changed ALTER ATTRIBUTE retyped TYPE character varying(7) COLLATE "POSIX";
ALTER TYPE e.changed RENAME ATTRIBUTE renamed TO "Renamed";
ALTER TYPE e.changed ADD ATTRIBUTE added numeric(8, 3)[];
COMMENT ON COLUMN e.changed.added IS 'last';
CREATE TYPE e.nested AS (c e.changed, n e.none, l e.label, r int4range, b bit(3), t time(2) with time zone, i interval day to second(1));
-- The other way round: a row type in a type, a type in the table.
CREATE TABLE e.part (id integer PRIMARY KEY, g e.grown DEFAULT 'c', n e.nested, o e."Odd ' ""enum""
\." DEFAULT '\.');
CREATE TYPE e.of_rows AS (p e.part, q e.part[]);
CREATE TABLE e.holds (r e.of_rows, CHECK ((r).p.id > 0));
CREATE VIEW e.seen AS SELECT (r).p.g AS g, ROW(1, 'x', NULL)::e."Odd ' ""pair""
\." AS p FROM e.holds;
INSERT INTO e.part VALUES (1, 'a', ROW(NULL, NULL, 'x', '[1,2)', B'101', NULL, NULL)::e.nested);
INSERT INTO e.holds SELECT ROW(p, ARRAY[p])::e.of_rows FROM e.part AS p;
ALTER TYPE e.grown OWNER TO :"owner";
ALTER TYPE e.changed OWNER TO :"owner";
REVOKE USAGE ON TYPE e.grown, e.changed FROM PUBLIC;
GRANT USAGE ON TYPE e.grown TO :"reader" WITH GRANT OPTION;
GRANT USAGE ON TYPE e.changed TO :"writer";
