-- Conversions between encodings: of the user, the default for the schema, with functions of every database and of
-- one's own.
CREATE SCHEMA n;
CREATE CONVERSION n.plain FOR 'LATIN1' TO 'UTF8' FROM pg_catalog.iso8859_1_to_utf8;
CREATE DEFAULT CONVERSION n.chosen FOR 'UTF8' TO 'LATIN2' FROM utf8_to_iso8859;
CREATE CONVERSION n."Odd ' ""one""
\." FOR 'KOI8R' TO 'WIN1251' FROM koi8r_to_win1251;
-- Functions of before 14 have other arguments, and cannot go to later servers.
\if :v14
CREATE FUNCTION n."My Function"(integer, integer, cstring, internal, integer, boolean) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT AS '$libdir/utf8_and_iso8859_1', 'utf8_to_iso8859_1';
CREATE CONVERSION n.mine FOR 'UTF8' TO 'LATIN1' FROM n."My Function";
COMMENT ON CONVERSION n.mine IS 'it''s mine';
\endif
COMMENT ON CONVERSION n.plain IS 'it''s plain';
COMMENT ON CONVERSION n."Odd ' ""one""
\." IS '\.';
ALTER CONVERSION n.chosen OWNER TO :"owner";
