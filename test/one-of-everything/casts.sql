-- Casts with a function, through text, with the same bytes; explicit, in assignments and implicit; what uses them.
-- (alone)
CREATE SCHEMA k;
CREATE TYPE k.pair AS (x integer, y integer);
CREATE TYPE k."Odd ' ""type""
\." AS ENUM ('one', 'two');
CREATE TYPE k.color AS ENUM ('red');
CREATE DOMAIN k.small AS integer;
CREATE TABLE k.part (id integer, name text);
CREATE FUNCTION k.to_integer(k.pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.x';
CREATE FUNCTION k."To Pair"(integer) RETURNS k.pair LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, 0)::k.pair';
CREATE FUNCTION k.to_text(k.part) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.name';
CREATE FUNCTION k.to_odd(k.color, integer, boolean) RETURNS k."Odd ' ""type""
\." LANGUAGE sql IMMUTABLE AS $$ SELECT 'one'::k."Odd ' ""type""
\." $$;
CREATE FUNCTION k.to_colors(k.pair) RETURNS k.color[] LANGUAGE sql IMMUTABLE AS 'SELECT ''{red}''::k.color[]';
CREATE FUNCTION k.days(interval) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT extract(day FROM $1)::integer';
CREATE CAST (k.pair AS integer) WITH FUNCTION k.to_integer(k.pair) AS ASSIGNMENT;
CREATE CAST (integer AS k.pair) WITH FUNCTION k."To Pair"(integer) AS IMPLICIT;
CREATE CAST (k.part AS text) WITH FUNCTION k.to_text(k.part);
CREATE CAST (k.color AS k."Odd ' ""type""
\.") WITH FUNCTION k.to_odd(k.color, integer, boolean);
CREATE CAST (k.pair AS k.color[]) WITH FUNCTION k.to_colors(k.pair);
CREATE CAST (text AS k.color) WITH INOUT AS IMPLICIT;
CREATE CAST (k.color AS text) WITH INOUT AS ASSIGNMENT;
CREATE CAST (k.pair AS text) WITH INOUT;
CREATE CAST (bigint AS timestamp) WITHOUT FUNCTION;
CREATE CAST (oid AS date) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (name AS "char") WITH INOUT AS ASSIGNMENT;
-- Between types of every database, with functions of the user and of the server.
CREATE CAST (interval AS integer) WITH FUNCTION k.days(interval) AS ASSIGNMENT;
CREATE CAST (integer AS uuid) WITH INOUT;
CREATE CAST (character AS bit varying) WITH INOUT;
CREATE CAST (integer AS text) WITH FUNCTION pg_catalog.to_hex(integer);
COMMENT ON CAST (k.pair AS integer) IS 'it''s x';
COMMENT ON CAST (integer AS uuid) IS 'between others';
COMMENT ON CAST (k.color AS k."Odd ' ""type""
\.") IS 'odd';
-- The server notes that these need the functions, and nothing of the casts.
CREATE TABLE k.used (
  id integer DEFAULT (ROW(1, 2)::k.pair)::integer PRIMARY KEY,
  p k.pair DEFAULT 5,
  c k.color DEFAULT ('red'::text)::k.color,
  t timestamp DEFAULT (7::bigint)::timestamp,
  g integer GENERATED ALWAYS AS (p::integer) STORED,
  CHECK (p::integer < 100)
);
CREATE INDEX a_cast ON k.used ((p::integer), (c::k."Odd ' ""type""
\."));
CREATE VIEW k.a_view AS SELECT u.p::integer AS x, (u.id::bigint)::timestamp AS t, u.c::text::k.color AS c, u.id::uuid AS d, q::text AS w
  FROM k.used AS u, k.part AS q WHERE u.c::k."Odd ' ""type""
\." = 'one';
CREATE VIEW k.between AS SELECT interval '1 day'::integer AS days, 5::oid::date AS day;
CREATE MATERIALIZED VIEW k.a_matview AS SELECT 255::text AS hex, (3::integer::k.pair)::text AS pair;
CREATE FUNCTION k.a_default(p k.pair DEFAULT 3, c k.color[] DEFAULT ROW(1, 2)::k.pair::k.color[]) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE POLICY a_policy ON k.used USING (p::integer > 0);
\if :v14
CREATE FUNCTION k.a_body() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT ROW(1, 2)::k.pair::integer + interval '2 days'::integer; END;
CREATE TYPE k.span AS RANGE (SUBTYPE = k.small);
CREATE CAST (k.span_multirange AS text[]) WITH INOUT;
\endif
INSERT INTO k.used (id) VALUES (1);
