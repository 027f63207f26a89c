-- Functions and procedures of every kind and language, with owners, grants and comments.
SET client_min_messages = warning;
CREATE SCHEMA fn;
CREATE SCHEMA "Odd, ""schema""";
GRANT CREATE, USAGE ON SCHEMA fn TO :"owner";
CREATE TYPE fn.pair AS (a integer, b text);
CREATE DOMAIN fn.positive AS integer CHECK (VALUE > 0);
CREATE TABLE fn.items (id integer PRIMARY KEY, name text, price numeric);
CREATE EXTENSION citext WITH SCHEMA fn;

-- Attributes, each and all together.
CREATE FUNCTION fn.plain() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fn.immutable(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION fn.stable(integer) RETURNS integer LANGUAGE sql STABLE CALLED ON NULL INPUT AS 'SELECT $1';
CREATE FUNCTION fn.strict(integer) RETURNS integer LANGUAGE sql STRICT AS 'SELECT $1';
CREATE FUNCTION fn.definer() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE FUNCTION fn.leakproof(integer) RETURNS boolean LANGUAGE sql LEAKPROOF IMMUTABLE AS 'SELECT $1 > 0';
CREATE FUNCTION fn.safe() RETURNS integer LANGUAGE sql PARALLEL SAFE AS 'SELECT 1';
CREATE FUNCTION fn.restricted() RETURNS integer LANGUAGE sql PARALLEL RESTRICTED AS 'SELECT 1';
-- More digits than pg_get_functiondef writes.
CREATE FUNCTION fn.dear() RETURNS SETOF integer LANGUAGE sql COST 1234567 ROWS 12345678 AS 'SELECT 1';
CREATE FUNCTION fn.cheap() RETURNS integer LANGUAGE sql COST 0.0025 AS 'SELECT 1';
CREATE FUNCTION fn.standard_cost() RETURNS SETOF integer LANGUAGE sql COST 100 ROWS 1000 AS 'SELECT 1';
CREATE FUNCTION fn.supported(integer, integer) RETURNS SETOF integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT generate_series_int4_support ROWS 20 AS 'generate_series_int4';
CREATE FUNCTION fn.my_support(internal) RETURNS internal LANGUAGE internal STRICT AS 'generate_series_int4_support';
CREATE FUNCTION fn.supported_by_mine(integer, integer) RETURNS SETOF integer LANGUAGE internal SUPPORT fn.my_support
  AS 'generate_series_int4';
CREATE FUNCTION fn.everything(a integer) RETURNS SETOF integer LANGUAGE plpgsql WINDOW IMMUTABLE STRICT SECURITY DEFINER LEAKPROOF
  COST 3 ROWS 4 PARALLEL RESTRICTED SET work_mem TO '1MB' AS 'BEGIN RETURN NEXT a; END';

-- Settings: lists of quoted names, lists that are one text, names of extensions, odd values.
CREATE FUNCTION fn.one_path() RETURNS text LANGUAGE sql SET search_path TO fn AS 'SELECT current_schema()';
CREATE FUNCTION fn.paths() RETURNS text LANGUAGE sql SET search_path TO fn, "Odd, ""schema""", '$user', "$user", pg_temp
  AS 'SELECT current_schema()';
CREATE FUNCTION fn.one_odd_path() RETURNS text LANGUAGE sql SET search_path TO 'fn, public' AS 'SELECT current_schema()';
CREATE FUNCTION fn.no_path() RETURNS text LANGUAGE sql SET search_path TO '' AS 'SELECT current_schema()';
CREATE FUNCTION fn.settings() RETURNS text LANGUAGE plpgsql
  SET datestyle TO 'ISO, DMY' SET timezone TO 'Europe/Prague' SET temp_tablespaces TO '' SET work_mem TO 65536
  SET "my.list" TO 'a, "b"' SET "my.text" TO E'it''s\nC:\\dir' SET plpgsql.extra_warnings TO 'none' SET log_min_messages TO debug1
  SET statement_timeout TO DEFAULT SET constraint_exclusion TO on SET extra_float_digits TO -3 AS 'BEGIN RETURN NULL; END';
SET search_path = fn, pg_catalog;
CREATE FUNCTION fn.from_current() RETURNS text LANGUAGE sql SET search_path FROM CURRENT AS 'SELECT current_schema()';
RESET search_path;

-- Arguments and results.
CREATE FUNCTION fn.modes(IN a integer, INOUT b text, OUT c fn.pair, OUT "D d" fn.positive) LANGUAGE sql AS $$ SELECT 'x', NULL::fn.pair, 1 $$;
CREATE FUNCTION fn.one_out(OUT integer) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fn.unnamed(integer, OUT text, INOUT boolean) LANGUAGE sql AS $$ SELECT 'x', true $$;
CREATE FUNCTION fn.set_of_out(a integer, OUT b integer, OUT c text) RETURNS SETOF record LANGUAGE sql AS $$ SELECT 1, 'x' $$;
CREATE FUNCTION fn.as_table(a integer) RETURNS TABLE (b integer, "select" text[], c fn.pair) LANGUAGE sql AS $$ SELECT 1, ARRAY['x'], NULL::fn.pair $$;
CREATE FUNCTION fn.rows() RETURNS SETOF fn.items LANGUAGE sql AS 'SELECT * FROM fn.items';
CREATE FUNCTION fn.row_type(fn.items) RETURNS text LANGUAGE sql AS 'SELECT $1.name';
CREATE FUNCTION fn.column_type(fn.items.price%TYPE) RETURNS fn.items.name%TYPE LANGUAGE sql AS 'SELECT $1::text';
CREATE FUNCTION fn.anything() RETURNS record LANGUAGE sql AS 'SELECT 1, 2';
CREATE FUNCTION fn.nothing() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION fn.variadic(a integer, VARIADIC b text[] DEFAULT '{}') RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fn.variadic_out(OUT a integer, VARIADIC b text[]) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fn.variadic_any(VARIADIC "any") RETURNS integer LANGUAGE internal IMMUTABLE AS 'pg_num_nulls';
CREATE FUNCTION fn.polymorphic(anyelement, anyarray, anynonarray) RETURNS anyarray LANGUAGE sql AS 'SELECT $2';
CREATE FUNCTION fn.compatible(anycompatible, anycompatiblearray, VARIADIC anycompatiblearray) RETURNS anycompatible LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION fn.any_range(anyrange, anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT lower($1)';
CREATE FUNCTION fn.any_enum(anyenum) RETURNS anyenum LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION fn.types(time with time zone, numeric(4, 2), bit varying, "char", character(3), interval[], fn.citext, regclass, fn.pair[])
  RETURNS double precision LANGUAGE sql AS 'SELECT 1.0::double precision';
CREATE FUNCTION fn.defaults(a integer DEFAULT 1 + 1, b text DEFAULT 'it''s, (odd)', c fn.pair DEFAULT ROW(1, 'x')::fn.pair, d timestamptz DEFAULT now(),
  e integer[] DEFAULT ARRAY[1, 2], f text DEFAULT E'line\nbreak', g text DEFAULT NULL, h integer DEFAULT fn.plain()) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fn."Odd ""name"" with
newline; -- \! echo %s $1"("Arg ""one""" integer, "arg
two" text DEFAULT 'x') RETURNS integer LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION "Odd, ""schema"""."ěščřžýáíéúůďťňěščřžýáíéúůďťňěš"() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fn."select"("table" integer) RETURNS integer LANGUAGE sql AS 'SELECT "table"';
CREATE FUNCTION fn.overloaded(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fn.overloaded(text) RETURNS integer LANGUAGE sql AS 'SELECT 2';
CREATE FUNCTION fn.overloaded(integer, text) RETURNS integer LANGUAGE sql AS 'SELECT 3';
CREATE FUNCTION fn.overloaded() RETURNS integer LANGUAGE sql AS 'SELECT 4';

-- Bodies.
CREATE FUNCTION fn.body_dollar() RETURNS text LANGUAGE sql AS $x$ SELECT $function$a$function$ || $functionx$b$functionx$ || '$$' $x$;
CREATE FUNCTION fn.body_ends_in_tag() RETURNS text LANGUAGE plpgsql AS $x$BEGIN RETURN 'x'; END -- $function$x$;
CREATE FUNCTION fn.body_ends_in_dollar() RETURNS text LANGUAGE plpgsql AS $x$BEGIN RETURN 'x'; END -- $$x$;
CREATE FUNCTION fn.body_backslash() RETURNS text LANGUAGE plpgsql AS $x$
BEGIN
  -- \. and \! echo, \restrict x, :variable, :'quoted'
  /*
\.
\! echo
  */
  RETURN E'\\.\n';
END
$x$;
CREATE FUNCTION fn.body_windows() RETURNS text LANGUAGE plpgsql AS E'BEGIN\r\n\tRETURN \'ě😀\';\r\nEND\r\n';
CREATE FUNCTION fn.body_invalid() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN no_such_function(); END';
CREATE FUNCTION fn.triggered() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION fn.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION fn.internal_window(integer) RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
CREATE FUNCTION fn.internal_cost(integer) RETURNS integer LANGUAGE internal COST 100 STRICT AS 'int4abs';
CREATE FUNCTION fn.of_library(fn.citext, fn.citext) RETURNS boolean LANGUAGE c IMMUTABLE STRICT COST 2 AS '$libdir/citext', 'citext_eq';
CREATE FUNCTION "Odd, ""schema""".citext_ne(fn.citext, fn.citext) RETURNS boolean LANGUAGE c AS '$libdir/citext';

\if :v14
CREATE FUNCTION fn.returning(a integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN a + fn.plain();
CREATE FUNCTION fn.atomic(a integer, b text DEFAULT 'x') RETURNS SETOF fn.items LANGUAGE sql SET search_path TO fn BEGIN ATOMIC
  INSERT INTO fn.items VALUES (a, b) ON CONFLICT DO NOTHING;
  UPDATE fn.items AS i SET name = CASE WHEN i.id > 1 THEN 'a' ELSE 'b' END WHERE i.id = a;
  DELETE FROM fn.items AS "D" WHERE "D".id = 0;
  WITH x AS (SELECT * FROM fn.items WHERE name = 'it''s; END' ORDER BY id) SELECT * FROM x;
END;
CREATE FUNCTION fn.atomic_nothing() RETURNS void LANGUAGE sql BEGIN ATOMIC END;
CREATE FUNCTION fn.atomic_key() RETURNS TABLE (id integer, name text) LANGUAGE sql BEGIN ATOMIC
  SELECT i.id, i.name FROM fn.items AS i GROUP BY i.id;
END;
CREATE FUNCTION fn.multirange(anymultirange) RETURNS anyrange LANGUAGE sql AS 'SELECT range_merge($1)';
\endif

-- Procedures.
CREATE PROCEDURE fn.proc() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';
CREATE PROCEDURE fn.proc(INOUT a integer, b text DEFAULT 'x', VARIADIC c integer[] DEFAULT '{}') LANGUAGE plpgsql SECURITY DEFINER
  SET search_path TO fn, public AS $procedure$BEGIN a := 1; END$procedure$;
CREATE PROCEDURE fn.body_procedure() LANGUAGE sql AS $x$ SELECT '$procedure$', '$procedurex$' $x$;
\if :v14
CREATE PROCEDURE fn.out_proc(IN a integer, OUT b integer, OUT "c c" text) LANGUAGE plpgsql AS $$ BEGIN b := a; END $$;
CREATE PROCEDURE fn.only_out(OUT integer) LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE fn.atomic_proc(a integer, b text) LANGUAGE sql BEGIN ATOMIC
  INSERT INTO fn.items (id, name) VALUES (a, b);
  SELECT 1;
END;
COMMENT ON PROCEDURE fn.out_proc(integer, OUT integer, OUT text) IS 'two out';
ALTER PROCEDURE fn.out_proc(integer) OWNER TO :"owner";
GRANT EXECUTE ON PROCEDURE fn.out_proc(integer) TO :"reader";
\endif

-- Owners, grants, comments.
ALTER FUNCTION fn.modes(integer, text) OWNER TO :"owner";
ALTER FUNCTION fn.variadic(integer, text[]) OWNER TO :"owner";
ALTER FUNCTION fn."Odd ""name"" with
newline; -- \! echo %s $1"(integer, text) OWNER TO :"owner";
ALTER PROCEDURE fn.proc(integer, text, integer[]) OWNER TO :"owner";
REVOKE ALL ON FUNCTION fn.plain() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fn.plain() TO :"reader" WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION fn.modes(integer, text) TO :"reader", :"writer";
REVOKE ALL ON PROCEDURE fn.proc() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fn."Odd ""name"" with
newline; -- \! echo %s $1"(integer, text) TO :"writer";
REVOKE EXECUTE ON FUNCTION fn.variadic_any(VARIADIC "any") FROM PUBLIC;
COMMENT ON FUNCTION fn.plain() IS E'line one\nline two -- \\. \\! echo';
COMMENT ON FUNCTION fn.modes(integer, text) IS 'modes';
COMMENT ON FUNCTION fn.variadic_any(VARIADIC "any") IS 'any';
COMMENT ON FUNCTION fn."Odd ""name"" with
newline; -- \! echo %s $1"(integer, text) IS 'odd';
COMMENT ON PROCEDURE fn.proc(integer, text, integer[]) IS 'a procedure';

-- They come with extensions.
ALTER FUNCTION fn.plain() DEPENDS ON EXTENSION citext;
ALTER FUNCTION fn.overloaded(integer, text) DEPENDS ON EXTENSION plpgsql;
ALTER PROCEDURE fn.proc(integer, text, integer[]) DEPENDS ON EXTENSION citext;
ALTER PROCEDURE fn.proc(integer, text, integer[]) DEPENDS ON EXTENSION plpgsql;
