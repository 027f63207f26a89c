-- Transforms in both directions and in one, of types of the user and of every database.
CREATE SCHEMA f;
CREATE TYPE f."Odd ' ""type""
\." AS (a integer);
CREATE TYPE f.label AS ENUM ('a');
CREATE FUNCTION f.from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT AS 'prsd_lextype';
CREATE FUNCTION f."To Sql"(internal) RETURNS integer LANGUAGE internal STABLE STRICT AS 'int4recv';
CREATE FUNCTION f.to_odd(internal) RETURNS f."Odd ' ""type""
\." LANGUAGE internal STABLE STRICT AS 'record_recv';
CREATE FUNCTION f.to_list(internal) RETURNS integer[] LANGUAGE internal STABLE STRICT AS 'array_recv';
CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
CREATE TRANSFORM FOR integer LANGUAGE plpgsql (FROM SQL WITH FUNCTION f.from_sql(internal), TO SQL WITH FUNCTION f."To Sql"(internal));
CREATE TRANSFORM FOR f."Odd ' ""type""
\." LANGUAGE plpgsql (TO SQL WITH FUNCTION f.to_odd(internal));
CREATE TRANSFORM FOR f.label LANGUAGE sql (FROM SQL WITH FUNCTION f.from_sql(internal));
CREATE TRANSFORM FOR integer[] LANGUAGE sql (TO SQL WITH FUNCTION f.to_list(internal));
CREATE TRANSFORM FOR timestamp with time zone LANGUAGE sql (FROM SQL WITH FUNCTION f.from_sql(internal));
COMMENT ON TRANSFORM FOR integer LANGUAGE plpgsql IS 'it''s for numbers';
COMMENT ON TRANSFORM FOR f."Odd ' ""type""
\." LANGUAGE plpgsql IS '\.';
-- Functions in those languages with those types.
CREATE FUNCTION f.uses(a integer) RETURNS integer LANGUAGE sql TRANSFORM FOR TYPE integer AS 'SELECT a';
CREATE FUNCTION f.uses_two(a f."Odd ' ""type""
\.", b integer) RETURNS void LANGUAGE plpgsql TRANSFORM FOR TYPE f."Odd ' ""type""
\.", FOR TYPE integer AS 'BEGIN END';
CREATE PROCEDURE f.uses_list(a integer[]) LANGUAGE sql TRANSFORM FOR TYPE integer[] AS 'SELECT 1';
