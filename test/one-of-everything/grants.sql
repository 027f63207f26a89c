-- Grants on every kind that can be granted on. Variables: owner, reader, writer (roles).
CREATE SCHEMA app AUTHORIZATION :"owner";
GRANT CREATE, USAGE ON SCHEMA app TO :"reader";
GRANT USAGE ON SCHEMA app TO :"writer";
CREATE SCHEMA "S ""p%\ '
x";
GRANT ALL ON SCHEMA "S ""p%\ '
x" TO PUBLIC;
REVOKE ALL ON SCHEMA "S ""p%\ '
x" FROM CURRENT_USER;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE TABLE app.t (id integer PRIMARY KEY, a integer, "C ""d""%\ '
y" text);
ALTER TABLE app.t OWNER TO :"owner";
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON app.t TO :"reader";
GRANT UPDATE, REFERENCES ON app.t TO :"writer" WITH GRANT OPTION;
SET ROLE :"writer";
GRANT UPDATE ("C ""d""%\ '
y"), REFERENCES (id) ON app.t TO :"reader";
RESET ROLE;
GRANT SELECT (ctid, tableoid, xmin), UPDATE (a) ON app.t TO PUBLIC;
GRANT SELECT ("C ""d""%\ '
y"), INSERT (id, a) ON app.t TO :"writer" WITH GRANT OPTION;
GRANT ALL ("C ""d""%\ '
y") ON app.t TO :"reader";

-- A chain of grants: owner, writer, reader, everybody.
CREATE TABLE app.chain (id integer);
ALTER TABLE app.chain OWNER TO :"owner";
GRANT SELECT, DELETE ON app.chain TO :"writer" WITH GRANT OPTION;
SET ROLE :"writer";
GRANT SELECT ON app.chain TO :"reader" WITH GRANT OPTION;
RESET ROLE;
SET ROLE :"reader";
GRANT SELECT ON app.chain TO PUBLIC;
RESET ROLE;

CREATE VIEW app.v AS SELECT id FROM app.t;
GRANT INSERT, DELETE ON app.v TO :"reader";
GRANT SELECT (id) ON app.v TO :"writer";
CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS one;
GRANT SELECT (one) ON app.m TO :"writer" WITH GRANT OPTION;
CREATE TABLE app.parted (id integer) PARTITION BY LIST (id);
CREATE TABLE app.parted_1 PARTITION OF app.parted FOR VALUES IN (1);
GRANT SELECT ON app.parted TO :"reader";
GRANT SELECT ON app.parted_1 TO :"writer";
CREATE SEQUENCE app.s;
GRANT ALL ON SEQUENCE app.s TO :"reader" WITH GRANT OPTION;
REVOKE USAGE ON SEQUENCE app.s FROM CURRENT_USER;
CREATE TABLE app.by_identity (id integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME app."Id ""s""%\ '
q"));
GRANT USAGE, SELECT ON SEQUENCE app."Id ""s""%\ '
q" TO :"writer";

CREATE FUNCTION app.f("A ""b""%\ '
x" integer, VARIADIC c text[] DEFAULT '{}') RETURNS integer LANGUAGE sql AS 'SELECT 1';
GRANT EXECUTE ON FUNCTION app.f(integer, text[]) TO :"reader" WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION app.f(integer, text[]) FROM PUBLIC, CURRENT_USER;
CREATE FUNCTION app.f() RETURNS TABLE (x integer) LANGUAGE sql AS 'SELECT 1';
GRANT ALL ON FUNCTION app.f() TO :"writer";
CREATE PROCEDURE app.p(a app.t, INOUT b text) LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
REVOKE ALL ON PROCEDURE app.p FROM PUBLIC;
CREATE TYPE app."E ""n""%\ '
x" AS ENUM ('x');
REVOKE USAGE ON TYPE app."E ""n""%\ '
x" FROM PUBLIC, CURRENT_USER;
CREATE TYPE app.c AS (a integer);
GRANT USAGE ON TYPE app.c TO :"reader" WITH GRANT OPTION;
CREATE DOMAIN app.d AS app.c;
REVOKE USAGE ON DOMAIN app.d FROM PUBLIC;
GRANT USAGE ON TYPE app.d TO :"reader";
GRANT USAGE ON LANGUAGE plpgsql TO :"reader" WITH GRANT OPTION;

-- What comes with every database, and with an extension; privileges that its own script grants are not repeated.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO :"writer";
REVOKE EXECUTE ON FUNCTION pg_catalog.version() FROM PUBLIC;
GRANT SELECT (rolname, rolpassword) ON pg_catalog.pg_authid TO :"reader";
REVOKE SELECT ON pg_catalog.pg_stat_activity FROM PUBLIC;
GRANT CREATE ON SCHEMA pg_catalog TO :"writer";
REVOKE USAGE ON TYPE pg_catalog.json FROM PUBLIC;
CREATE EXTENSION pg_stat_statements SCHEMA app;
GRANT SELECT ON app.pg_stat_statements TO :"reader";
REVOKE SELECT ON app.pg_stat_statements FROM PUBLIC;
CREATE EXTENSION hstore SCHEMA app;
REVOKE USAGE ON TYPE app.hstore FROM PUBLIC;

CREATE FOREIGN DATA WRAPPER "W ""r""%\ '
x";
GRANT USAGE ON FOREIGN DATA WRAPPER "W ""r""%\ '
x" TO :"owner" WITH GRANT OPTION;
CREATE SERVER "V ""s""%\ '
x" FOREIGN DATA WRAPPER "W ""r""%\ '
x";
GRANT ALL ON FOREIGN SERVER "V ""s""%\ '
x" TO :"reader", :"writer" WITH GRANT OPTION;
SET ROLE :"writer";
GRANT USAGE ON FOREIGN SERVER "V ""s""%\ '
x" TO PUBLIC;
RESET ROLE;
CREATE FOREIGN TABLE app.far (id integer, a text) SERVER "V ""s""%\ '
x";
GRANT SELECT ON app.far TO :"reader";
GRANT UPDATE (a) ON app.far TO :"writer";

CREATE AGGREGATE app.sum_of(integer) (SFUNC = int4pl, STYPE = integer);
GRANT EXECUTE ON FUNCTION app.sum_of(integer) TO :"reader";
CREATE AGGREGATE app.middle(double precision ORDER BY double precision) (
  SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final
);
REVOKE EXECUTE ON FUNCTION app.middle(double precision, double precision) FROM PUBLIC;
CREATE TYPE app.span AS RANGE (SUBTYPE = integer);
GRANT USAGE ON TYPE app.span TO :"reader";
\if :v17
GRANT MAINTAIN ON app.t TO :"writer";
GRANT MAINTAIN, SELECT ON app.m TO :"reader" WITH GRANT OPTION;
REVOKE MAINTAIN ON app.parted FROM CURRENT_USER;
\endif
