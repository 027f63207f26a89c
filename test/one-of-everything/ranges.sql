-- Range types with every option, their multiranges, arrays, owners, grants and comments.
CREATE SCHEMA r;
CREATE SCHEMA other;
CREATE COLLATION r.c FROM "C";
CREATE TYPE r.plain AS RANGE (SUBTYPE = numeric);
COMMENT ON TYPE r.plain IS 'it''s plain';
CREATE TYPE r.float8range AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE TYPE r.by_collation AS RANGE (SUBTYPE = text, COLLATION = "C");
CREATE TYPE r.by_own_collation AS RANGE (SUBTYPE = varchar, COLLATION = r.c);
CREATE TYPE r.by_class AS RANGE (SUBTYPE = text, SUBTYPE_OPCLASS = text_pattern_ops, COLLATION = "POSIX");
-- Enums, composite types, domains, arrays and ranges as subtypes.
CREATE TYPE r.mood AS ENUM ('sad', 'happy');
CREATE TYPE r.moods AS RANGE (SUBTYPE = r.mood);
CREATE TYPE r.pair AS (a integer, b text);
CREATE TYPE r.pairs AS RANGE (SUBTYPE = r.pair);
CREATE DOMAIN r.positive AS integer CHECK (VALUE > 0);
CREATE TYPE r.positives AS RANGE (SUBTYPE = r.positive);
CREATE TYPE r.arrays AS RANGE (SUBTYPE = integer[]);
CREATE TYPE r.ranges AS RANGE (SUBTYPE = int4range);
CREATE TYPE r.of_ranges AS RANGE (SUBTYPE = r.plain);
-- A difference of its own, in SQL, over the subtype.
CREATE FUNCTION r.days(a date, b date) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS 'SELECT (a - b)::float8';
CREATE TYPE r.span AS RANGE (SUBTYPE = date, SUBTYPE_DIFF = r.days);
-- A canonical function names the range before it exists.
CREATE TYPE r.steps;
CREATE FUNCTION r.canonical_steps(r.steps) RETURNS r.steps LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE r.steps AS RANGE (SUBTYPE = integer, CANONICAL = r.canonical_steps, SUBTYPE_DIFF = int4range_subdiff);
COMMENT ON FUNCTION r.canonical_steps(r.steps) IS 'both need each other';
CREATE FUNCTION r.uses_steps(s r.steps DEFAULT '[1,3)') RETURNS r.steps[] LANGUAGE sql AS 'SELECT ARRAY[s]';
-- Odd names, and the names that the server makes from them.
CREATE TYPE r."Range of
\."" ' -- %I" AS RANGE (SUBTYPE = integer);
CREATE TYPE r."ääääääääääääääääääääääääääääääx" AS RANGE (SUBTYPE = integer);
CREATE TYPE r.range_and_range AS RANGE (SUBTYPE = integer);
\if :v14
CREATE TYPE r.named AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = r."Many ' of them");
CREATE TYPE r.elsewhere AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = other.everywhere);
CREATE TYPE r.renamed_later AS RANGE (SUBTYPE = integer);
ALTER TYPE r.renamed_later RENAME TO renamed;
REVOKE EXECUTE ON FUNCTION r.renamed_later(integer, integer) FROM PUBLIC;
CREATE TYPE r.the_$1_range AS RANGE (SUBTYPE = integer);
CREATE TABLE r.multi (a r.plain_multirange, b other.everywhere DEFAULT '{[1,2)}', c r."Many ' of them"[]);
CREATE FUNCTION r.takes_multi(r.float8multirange) RETURNS integer LANGUAGE sql AS 'SELECT 1';
INSERT INTO r.multi VALUES ('{[1,2),[3,4)}', '{}', '{"{[1,5)}"}');
\endif
CREATE TABLE r.used (id integer PRIMARY KEY, p r.plain, s r.steps DEFAULT r.steps(1, 2), d r.span[], EXCLUDE USING gist (s WITH &&));
CREATE INDEX used_p ON r.used USING gist (p);
INSERT INTO r.used VALUES (1, '[1,2]', '(1,7]', '{"[2020-01-01,2020-02-01)"}');
CREATE TYPE r.owned AS RANGE (SUBTYPE = integer);
ALTER TYPE r.owned OWNER TO :"owner";
ALTER TYPE r.steps OWNER TO :"owner";
ALTER FUNCTION r.canonical_steps(r.steps) OWNER TO :"owner";
GRANT USAGE ON TYPE r.owned TO :"reader" WITH GRANT OPTION;
REVOKE USAGE ON TYPE r.owned FROM PUBLIC;
REVOKE USAGE ON TYPE r.steps FROM PUBLIC;
-- Before 17 multiranges have grants of their own, which no later server would take.
\if :v14
\if :v17
\else
GRANT USAGE ON TYPE r.owned_multirange TO :"writer";
REVOKE USAGE ON TYPE r.plain_multirange FROM PUBLIC;
\endif
\endif
