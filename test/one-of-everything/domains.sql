-- Domains with every option: bases of all kinds, several constraints, some not checked yet, named and unnamed NOT NULL.
CREATE SCHEMA d;
CREATE SCHEMA "Odd ' ""schema""
\.";
CREATE COLLATION d.c FROM "C";
CREATE TYPE d.mood AS ENUM ('sad', 'o''k');
CREATE TYPE d.pair AS (a integer, b text);
CREATE DOMAIN d.plain AS integer;
COMMENT ON DOMAIN d.plain IS 'it''s plain';
CREATE DOMAIN d.all_of_it AS character varying(20) COLLATE d.c DEFAULT 'it''s' || '\.' CONSTRAINT must_be NOT NULL
  CONSTRAINT "Odd ' ""check""
\." CHECK (VALUE <> '\.') CHECK (length(VALUE) > 1) CONSTRAINT a_first CHECK (VALUE ~ 'i');
COMMENT ON CONSTRAINT "Odd ' ""check""
\." ON DOMAIN d.all_of_it IS '\.';
\if :v17
COMMENT ON CONSTRAINT must_be ON DOMAIN d.all_of_it IS 'named';
\endif
CREATE DOMAIN "Odd ' ""schema""
\."."Odd ' ""domain""
\." AS numeric(10, 2) NOT NULL CHECK (VALUE > 0);
CREATE DOMAIN d.later_not_null AS text;
ALTER DOMAIN d.later_not_null SET NOT NULL;
CREATE DOMAIN d."ääääääääääääääääääääääääääääääx" AS integer NOT NULL;
CREATE DOMAIN d.later_default AS timestamp(3) with time zone;
ALTER DOMAIN d.later_default SET DEFAULT now();
CREATE DOMAIN d.null_default AS text DEFAULT NULL;
CREATE DOMAIN d.not_checked AS integer CHECK (VALUE > 0);
CREATE TABLE d.old_rows (n d.not_checked);
INSERT INTO d.old_rows VALUES (1);
ALTER DOMAIN d.not_checked ADD CONSTRAINT "Not yet" CHECK (VALUE > 5) NOT VALID;
ALTER DOMAIN d.not_checked ADD CONSTRAINT nor_this CHECK (VALUE < 0) NOT VALID;
COMMENT ON CONSTRAINT nor_this ON DOMAIN d.not_checked IS 'later';
ALTER DOMAIN d.not_checked ADD CONSTRAINT by_now CHECK (VALUE < 100) NOT VALID;
ALTER DOMAIN d.not_checked VALIDATE CONSTRAINT by_now;
-- Over enums, composite types, arrays, ranges, domains (whose default is another one, or none by a NULL).
CREATE DOMAIN d.of_enum AS d.mood DEFAULT 'sad' CHECK (VALUE <> 'o''k');
CREATE DOMAIN d.of_pair AS d.pair DEFAULT ROW(1, 'x') CHECK ((VALUE).a > 0);
CREATE DOMAIN d.of_array AS integer[] DEFAULT '{1,2}' CHECK (array_length(VALUE, 1) < 5);
CREATE DOMAIN d.of_range AS int4range CHECK (NOT isempty(VALUE));
CREATE DOMAIN d.of_domain AS d.all_of_it CHECK (VALUE <> 'nothing');
CREATE DOMAIN d.other_default AS d.of_array DEFAULT '{3}';
CREATE DOMAIN d.default_is_null AS d.of_array DEFAULT NULL;
CREATE DOMAIN d.of_domains AS d.of_domain[];
-- Functions in checks and defaults, also ones that know the domain, and one that is written later than it.
CREATE FUNCTION d.is_fine(i integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
CREATE FUNCTION d.seven() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 7';
CREATE DOMAIN d.by_function AS integer DEFAULT d.seven() CHECK (d.is_fine(VALUE));
CREATE DOMAIN d.by_own AS integer;
CREATE FUNCTION d.knows(v d.by_own) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
ALTER DOMAIN d.by_own ADD CONSTRAINT own CHECK (d.knows(VALUE));
ALTER DOMAIN d.by_own ADD CONSTRAINT beside CHECK (VALUE < 10);
CREATE TABLE d.rows (id integer PRIMARY KEY, n integer);
CREATE FUNCTION d.takes_rows(r d.rows) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE DOMAIN d.by_rows AS integer CHECK (VALUE > d.takes_rows(NULL));
CREATE TABLE d.used (
  id integer PRIMARY KEY, p d.plain, a d.all_of_it, o "Odd ' ""schema""
\."."Odd ' ""domain""
\." DEFAULT 1, n d.of_domains, r d.of_pair, f d.by_function, u d.by_rows DEFAULT 3
);
INSERT INTO d.used (id) VALUES (1);
CREATE TABLE d.uses_own (b d.by_own);
ALTER DOMAIN d.plain OWNER TO :"owner";
ALTER DOMAIN d.by_own OWNER TO :"owner";
REVOKE USAGE ON DOMAIN d.plain FROM PUBLIC;
GRANT USAGE ON DOMAIN d.plain TO :"reader" WITH GRANT OPTION;
