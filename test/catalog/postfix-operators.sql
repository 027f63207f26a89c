-- Operators behind their only argument, which ended with 13: a fixture for that major alone.
CREATE SCHEMA op;
GRANT USAGE, CREATE ON SCHEMA op TO :"owner";
CREATE FUNCTION op.abs(bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.abs($1)';
CREATE OPERATOR op.!!! (FUNCTION = op.abs, LEFTARG = bigint);
COMMENT ON OPERATOR op.!!! (bigint, NONE) IS 'behind';
ALTER OPERATOR op.!!! (bigint, NONE) OWNER TO :"owner";
CREATE TABLE op.t (id bigint, CONSTRAINT known CHECK ((id !) > 0));
CREATE VIEW op.v AS SELECT id OPERATOR(op.!!!) AS absolute, id ! AS factorial FROM op.t;
