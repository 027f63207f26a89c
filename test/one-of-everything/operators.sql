-- Operators: binary and unary, with and without partners, estimators, owners, comments.
SET client_min_messages = warning;
CREATE SCHEMA op;
CREATE SCHEMA "Odd. ""op""";
GRANT CREATE, USAGE ON SCHEMA op TO :"owner";
CREATE TYPE op.pair AS (a integer, b integer);
CREATE FUNCTION op.eq(op.pair, op.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a AND $1.b = $2.b';
CREATE FUNCTION op.ne(op.pair, op.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT NOT ($1.a = $2.a AND $1.b = $2.b)';
CREATE FUNCTION op.lt(op.pair, op.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a < $2.a';
CREATE FUNCTION op.gt(op.pair, op.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a > $2.a';
CREATE FUNCTION op.neg(op.pair) RETURNS op.pair LANGUAGE sql IMMUTABLE AS 'SELECT ROW(-$1.a, -$1.b)::op.pair';
CREATE FUNCTION op.int_pair(integer, op.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2.a';
CREATE FUNCTION op.pair_int(op.pair, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2';
CREATE FUNCTION op."Odd ""estimator"""(internal, oid, internal, integer) RETURNS double precision LANGUAGE internal STABLE STRICT AS 'eqsel';
CREATE FUNCTION op.join_estimator(internal, oid, internal, smallint, internal) RETURNS double precision LANGUAGE internal STABLE STRICT AS 'eqjoinsel';

CREATE OPERATOR op.= (FUNCTION = op.eq, LEFTARG = op.pair, RIGHTARG = op.pair, COMMUTATOR = OPERATOR(op.=), NEGATOR = OPERATOR(op.<>),
  RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR op.<> (FUNCTION = op.ne, LEFTARG = op.pair, RIGHTARG = op.pair, COMMUTATOR = OPERATOR(op.<>), NEGATOR = OPERATOR(op.=),
  RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR op.< (FUNCTION = op.lt, LEFTARG = op.pair, RIGHTARG = op.pair, COMMUTATOR = OPERATOR(op.>), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR op.> (FUNCTION = op.gt, LEFTARG = op.pair, RIGHTARG = op.pair, COMMUTATOR = OPERATOR(op.<));
CREATE OPERATOR op.- (FUNCTION = op.neg, RIGHTARG = op.pair);
CREATE OPERATOR op.!! (FUNCTION = int4abs, RIGHTARG = integer);
CREATE OPERATOR op.!! (FUNCTION = int8abs, RIGHTARG = bigint);
-- Of two types, with partners of the same name and of another schema.
CREATE OPERATOR op.=== (FUNCTION = op.int_pair, LEFTARG = integer, RIGHTARG = op.pair, COMMUTATOR = OPERATOR("Odd. ""op""".===));
CREATE OPERATOR "Odd. ""op""".=== (FUNCTION = op.pair_int, LEFTARG = op.pair, RIGHTARG = integer, COMMUTATOR = OPERATOR(op.===));
-- Partners that were never made.
CREATE OPERATOR op.<=> (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(op.>=<), NEGATOR = OPERATOR(op.<!>));
CREATE OPERATOR op.<==> (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, NEGATOR = OPERATOR("Odd. ""op""".<!!>));
CREATE OPERATOR op.<#> (FUNCTION = int84eq, LEFTARG = bigint, RIGHTARG = integer, COMMUTATOR = OPERATOR(op.>#<));
-- One that nothing mentions any more: pg_dump does not carry it, and nothing could make it.
CREATE OPERATOR op.### (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(op.####));
DROP OPERATOR op.### (integer, integer);
-- Estimators of one's own, every sign, array and odd types.
CREATE OPERATOR op.~~~ (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, RESTRICT = op."Odd ""estimator""", JOIN = op.join_estimator);
CREATE OPERATOR op.+*/<>=~!@#%^&|`? (FUNCTION = textcat, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR op.|| (FUNCTION = array_larger, LEFTARG = anyarray, RIGHTARG = anyarray);
CREATE TYPE op."odd
type; --" AS ENUM ('a');
CREATE FUNCTION op."odd ""function"""(op."odd
type; --", "char") RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE OPERATOR op.@ (FUNCTION = op."odd ""function""", LEFTARG = op."odd
type; --", RIGHTARG = "char");

-- Used by what comes before and after.
CREATE TABLE op.t (id integer PRIMARY KEY, p op.pair, CONSTRAINT same CHECK (p OPERATOR(op.=) p));
CREATE VIEW op.v AS SELECT id OPERATOR(op.===) p AS same, OPERATOR(op.-) p AS negative FROM op.t WHERE p OPERATOR(op.<>) ROW(1, 2)::op.pair;
CREATE FUNCTION op.with_default(a boolean DEFAULT 1 OPERATOR(op.~~~) 2) RETURNS boolean LANGUAGE sql AS 'SELECT $1';

ALTER OPERATOR op.= (op.pair, op.pair) OWNER TO :"owner";
ALTER OPERATOR op.- (NONE, op.pair) OWNER TO :"owner";
ALTER OPERATOR op.@ (op."odd
type; --", "char") OWNER TO :"owner";
COMMENT ON OPERATOR op.= (op.pair, op.pair) IS 'equal, ''of course''';
COMMENT ON OPERATOR op.- (NONE, op.pair) IS 'one operand';
COMMENT ON OPERATOR op.@ (op."odd
type; --", "char") IS 'odd';
COMMENT ON OPERATOR op.+*/<>=~!@#%^&|`? (text, text) IS 'every sign';
