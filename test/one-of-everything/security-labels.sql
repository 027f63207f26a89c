-- Security labels. Variables: owner, reader, writer (roles). No provider comes with PostgreSQL: labels are set where
-- that of the tests is loaded (test/support/label-provider.c).
SELECT current_setting('shared_preload_libraries') LIKE '%label_provider%' AS labels \gset
CREATE SCHEMA app;
CREATE TABLE app.t (id integer PRIMARY KEY, "B b" text);
CREATE TABLE app."Odd ""it""%\ '
x" ("c ""d""%\ '
y" integer);
CREATE TABLE app.parted (id integer) PARTITION BY LIST (id);
CREATE TABLE app.parted_1 PARTITION OF app.parted FOR VALUES IN (1);
CREATE SEQUENCE app.s;
CREATE VIEW app.v AS SELECT id FROM app.t;
CREATE MATERIALIZED VIEW app.m AS SELECT id FROM app.t;
CREATE TYPE app.e AS ENUM ('x');
CREATE TYPE app.c AS (a integer, b text);
CREATE DOMAIN app.d AS integer;
CREATE FUNCTION app.f(a integer, VARIADIC b text[]) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE app.p(a integer) LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE AGGREGATE app.sum_of(integer) (SFUNC = int4pl, STYPE = integer);
CREATE FUNCTION app.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION app.note();
CREATE PUBLICATION p FOR TABLE app.t;
CREATE EXTENSION hstore SCHEMA app;
\if :labels
SECURITY LABEL FOR plain ON SCHEMA app IS 'schema';
SECURITY LABEL FOR plain ON SCHEMA public IS 'public';
SECURITY LABEL FOR "Odd ""it""%\ '
x" ON TABLE app.t IS 'second';
SECURITY LABEL FOR plain ON TABLE app.t IS 'it''s
a label \ %';
SECURITY LABEL FOR plain ON COLUMN app.t.id IS 'column';
SECURITY LABEL FOR plain ON COLUMN app.t."B b" IS 'other column';
SECURITY LABEL FOR "Odd ""it""%\ '
x" ON COLUMN app."Odd ""it""%\ '
x"."c ""d""%\ '
y" IS '';
SECURITY LABEL FOR plain ON TABLE app."Odd ""it""%\ '
x" IS 'odd';
SECURITY LABEL FOR plain ON TABLE app.parted IS 'partitioned';
SECURITY LABEL FOR plain ON TABLE app.parted_1 IS 'partition';
SECURITY LABEL FOR plain ON SEQUENCE app.s IS 'sequence';
SECURITY LABEL FOR plain ON VIEW app.v IS 'view';
SECURITY LABEL FOR plain ON COLUMN app.v.id IS 'column of a view';
SECURITY LABEL FOR plain ON MATERIALIZED VIEW app.m IS 'materialized view';
SECURITY LABEL FOR plain ON COLUMN app.m.id IS 'column of a materialized view';
SECURITY LABEL FOR plain ON TYPE app.e IS 'enum';
SECURITY LABEL FOR plain ON TYPE app.c IS 'composite type';
SECURITY LABEL FOR plain ON DOMAIN app.d IS 'domain';
SECURITY LABEL FOR plain ON FUNCTION app.f(integer, text[]) IS 'function';
SECURITY LABEL FOR plain ON PROCEDURE app.p(integer) IS 'procedure';
SECURITY LABEL FOR plain ON AGGREGATE app.sum_of(integer) IS 'aggregate';
SECURITY LABEL FOR plain ON EVENT TRIGGER noted IS 'event trigger';
SECURITY LABEL FOR plain ON PUBLICATION p IS 'publication';
\endif
