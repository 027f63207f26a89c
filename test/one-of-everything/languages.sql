-- Languages that no extension made: trusted or not, with and without functions for DO blocks and for checks.
CREATE SCHEMA l;
CREATE FUNCTION l.call() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION l."In'line"(internal) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION l.validate(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE LANGUAGE bare HANDLER l.call;
CREATE TRUSTED LANGUAGE trusted HANDLER l.call INLINE l."In'line" VALIDATOR l.validate;
CREATE TRUSTED PROCEDURAL LANGUAGE "Odd ' ""lang""
\." HANDLER l.call VALIDATOR l.validate;
CREATE LANGUAGE with_inline HANDLER l.call INLINE l."In'line";
COMMENT ON LANGUAGE trusted IS 'it''s trusted';
COMMENT ON LANGUAGE "Odd ' ""lang""
\." IS '\.';
CREATE FUNCTION l.in_bare(a integer) RETURNS integer LANGUAGE bare AS 'BEGIN RETURN a; END';
CREATE FUNCTION l.in_odd(a integer DEFAULT l.in_bare(1)) RETURNS integer LANGUAGE "Odd ' ""lang""
\." AS 'BEGIN RETURN a; END';
CREATE PROCEDURE l.in_trusted() LANGUAGE trusted AS 'BEGIN END';
CREATE VIEW l.seen AS SELECT l.in_odd(2) AS two;
ALTER LANGUAGE trusted OWNER TO :"owner";
ALTER LANGUAGE bare OWNER TO :"owner";
REVOKE USAGE ON LANGUAGE trusted FROM PUBLIC;
GRANT USAGE ON LANGUAGE trusted TO :"reader" WITH GRANT OPTION;
GRANT USAGE ON LANGUAGE "Odd ' ""lang""
\." TO :"writer";
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
