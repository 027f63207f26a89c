-- Base types with every option, through functions that the server has already; shells that nobody defined.
CREATE SCHEMA b;
-- The least there is.
CREATE TYPE b.least;
CREATE FUNCTION b.least_in(cstring) RETURNS b.least LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION b.least_out(b.least) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE b.least (INPUT = b.least_in, OUTPUT = b.least_out);
COMMENT ON TYPE b.least IS 'least';
COMMENT ON FUNCTION b.least_in(cstring) IS 'in';
-- All of it; variable length.
CREATE TYPE b."Full' ""type""
\.";
CREATE FUNCTION b."In"(cstring, oid, integer) RETURNS b."Full' ""type""
\." LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'varcharin';
CREATE FUNCTION b."Out"(b."Full' ""type""
\.") RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'varcharout';
CREATE FUNCTION b.full_recv(internal, oid, integer) RETURNS b."Full' ""type""
\." LANGUAGE internal IMMUTABLE STRICT AS 'varcharrecv';
CREATE FUNCTION b.full_send(b."Full' ""type""
\.") RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'varcharsend';
CREATE FUNCTION b.full_typmod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodin';
CREATE FUNCTION b.full_typmod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodout';
CREATE TYPE b."Full' ""type""
\." (
  INPUT = b."In", OUTPUT = b."Out", RECEIVE = b.full_recv, SEND = b.full_send,
  TYPMOD_IN = b.full_typmod_in, TYPMOD_OUT = b.full_typmod_out,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended, CATEGORY = 'x', PREFERRED = true,
  DEFAULT = 'it''s \', DELIMITER = ';', COLLATABLE = true
);
-- In no table: the function expects another type.
CREATE TYPE b.analyzed;
CREATE FUNCTION b.analyzed_in(cstring) RETURNS b.analyzed LANGUAGE internal IMMUTABLE STRICT AS 'tsvectorin';
CREATE FUNCTION b.analyzed_out(b.analyzed) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'tsvectorout';
CREATE FUNCTION b."Analyze"(internal) RETURNS boolean LANGUAGE internal STRICT AS 'ts_typanalyze';
CREATE TYPE b.analyzed (INPUT = b.analyzed_in, OUTPUT = b.analyzed_out, ANALYZE = b."Analyze", STORAGE = extended);
CREATE TYPE b.analyzed_too;
CREATE FUNCTION b.analyzed_too_in(cstring) RETURNS b.analyzed_too LANGUAGE internal IMMUTABLE STRICT AS 'tsvectorin';
CREATE FUNCTION b.analyzed_too_out(b.analyzed_too) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'tsvectorout';
CREATE TYPE b.analyzed_too (INPUT = b.analyzed_too_in, OUTPUT = b.analyzed_too_out, ANALYZE = ts_typanalyze, ALIGNMENT = double);
-- Fixed length, by value and not, every alignment and storage.
CREATE TYPE b.small;
CREATE FUNCTION b.small_in(cstring) RETURNS b.small LANGUAGE internal IMMUTABLE STRICT AS 'int2in';
CREATE FUNCTION b.small_out(b.small) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int2out';
CREATE TYPE b.small (INPUT = b.small_in, OUTPUT = b.small_out, INTERNALLENGTH = 2, PASSEDBYVALUE, ALIGNMENT = int2, CATEGORY = 'N', DEFAULT = '7');
CREATE TYPE b.letter;
CREATE FUNCTION b.letter_in(cstring) RETURNS b.letter LANGUAGE internal IMMUTABLE STRICT AS 'charin';
CREATE FUNCTION b.letter_out(b.letter) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'charout';
CREATE TYPE b.letter (INPUT = b.letter_in, OUTPUT = b.letter_out, INTERNALLENGTH = 1, PASSEDBYVALUE, ALIGNMENT = char, DELIMITER = '''');
CREATE TYPE b.big;
CREATE FUNCTION b.big_in(cstring) RETURNS b.big LANGUAGE internal IMMUTABLE STRICT AS 'int8in';
CREATE FUNCTION b.big_out(b.big) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int8out';
CREATE TYPE b.big (INPUT = b.big_in, OUTPUT = b.big_out, LIKE = bigint);
-- A fixed array of numbers, as point is one: subscripting comes by itself.
CREATE TYPE b.spot;
CREATE FUNCTION b.spot_in(cstring) RETURNS b.spot LANGUAGE internal IMMUTABLE STRICT AS 'point_in';
CREATE FUNCTION b.spot_out(b.spot) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'point_out';
CREATE TYPE b.spot (INPUT = b.spot_in, OUTPUT = b.spot_out, INTERNALLENGTH = 16, ALIGNMENT = double, ELEMENT = float8);
\if :v14
CREATE TYPE b.subscripted;
CREATE FUNCTION b.subscripted_in(cstring) RETURNS b.subscripted LANGUAGE internal IMMUTABLE STRICT AS 'jsonb_in';
CREATE FUNCTION b.subscripted_out(b.subscripted) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'jsonb_out';
CREATE FUNCTION b.subscript(internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT AS 'jsonb_subscript_handler';
CREATE TYPE b.subscripted (INPUT = b.subscripted_in, OUTPUT = b.subscripted_out, SUBSCRIPT = b.subscript, STORAGE = external);
CREATE TYPE b.elements;
CREATE FUNCTION b.elements_in(cstring) RETURNS b.elements LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION b.elements_out(b.elements) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE b.elements (INPUT = b.elements_in, OUTPUT = b.elements_out, ELEMENT = b.letter, SUBSCRIPT = raw_array_subscript_handler, STORAGE = main);
\endif
-- What uses them: columns, arrays, domains that take over the default, operators of functions, other functions.
CREATE DOMAIN b.small_domain AS b.small;
CREATE TABLE b.used (id integer PRIMARY KEY, s b.small DEFAULT '3', f b."Full' ""type""
\."(10) COLLATE "C", l b.letter[], d b.small_domain, p b.spot, t b.least);
INSERT INTO b.used (id, f, l, p, t) VALUES (1, 'abc', ARRAY['a', ';']::b.letter[], '(1,2)', 'x');
CREATE FUNCTION b.takes(b.small, b.letter[]) RETURNS SETOF b.least LANGUAGE sql AS 'SELECT NULL::b.least';
CREATE TYPE b.with_base AS (a b.small, b b.least[]);
-- Announced, never defined; functions may name it already.
CREATE TYPE b.shell;
CREATE TYPE b."Odd shell; --";
COMMENT ON TYPE b.shell IS 'to be defined';
CREATE FUNCTION b.shell_in(cstring) RETURNS b.shell LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
ALTER TYPE b.shell OWNER TO :"owner";
ALTER TYPE b.small OWNER TO :"owner";
ALTER FUNCTION b.small_in(cstring) OWNER TO :"owner";
GRANT USAGE ON TYPE b.small TO :"reader";
REVOKE USAGE ON TYPE b.small FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION b.small_in(cstring) FROM PUBLIC;
\if :v18
GRANT USAGE ON TYPE b.shell TO :"reader";
\endif
