-- Comments on every kind that can have one. Variables: owner, reader, writer (roles).
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'schema';
COMMENT ON SCHEMA public IS NULL;
CREATE TABLE app.t (
  id integer CONSTRAINT "P ""k""%\ '
x" PRIMARY KEY, a integer CONSTRAINT "check it" CHECK (a > 0) UNIQUE, "C ""d""%\ '
y" text NOT NULL, f integer CONSTRAINT points REFERENCES app.t, r int4range,
  CONSTRAINT apart EXCLUDE USING gist (r WITH &&)
);
COMMENT ON TABLE app.t IS 'it''s a table
of two lines, 100 % \ "quoted" $$ -- /* */ ; \.
\.
';
COMMENT ON COLUMN app.t.id IS '';
COMMENT ON COLUMN app.t.a IS 'Ünïcödé 😀';
COMMENT ON COLUMN app.t."C ""d""%\ '
y" IS E'tab\tand return\r\n';
COMMENT ON CONSTRAINT "P ""k""%\ '
x" ON app.t IS 'primary key';
COMMENT ON INDEX app."P ""k""%\ '
x" IS 'index of the primary key';
COMMENT ON CONSTRAINT "check it" ON app.t IS 'check';
COMMENT ON CONSTRAINT t_a_key ON app.t IS 'unique';
COMMENT ON CONSTRAINT points ON app.t IS 'foreign key';
COMMENT ON CONSTRAINT apart ON app.t IS 'exclusion';
CREATE INDEX "I ""x""%\ '
x" ON app.t ((a + 1));
COMMENT ON INDEX app."I ""x""%\ '
x" IS 'index';
CREATE STATISTICS app.st ON id, a FROM app.t;
COMMENT ON STATISTICS app.st IS 'statistics';
CREATE SEQUENCE app.s OWNED BY app.t.id;
COMMENT ON SEQUENCE app.s IS 'sequence';
CREATE VIEW app.v AS SELECT id AS one, a FROM app.t;
COMMENT ON VIEW app.v IS 'view';
COMMENT ON COLUMN app.v.one IS 'column of a view';
CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS one;
COMMENT ON MATERIALIZED VIEW app.m IS 'materialized view';
COMMENT ON COLUMN app.m.one IS 'column of a materialized view';
CREATE TABLE app.parted (id integer) PARTITION BY LIST (id);
CREATE TABLE app.parted_1 PARTITION OF app.parted FOR VALUES IN (1);
CREATE INDEX parted_id ON app.parted (id);
COMMENT ON TABLE app.parted IS 'partitioned';
COMMENT ON TABLE app.parted_1 IS 'partition';
COMMENT ON INDEX app.parted_id IS 'partitioned index';
COMMENT ON INDEX app.parted_1_id_idx IS 'its part';
CREATE FUNCTION app.on_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "T ""r""%\ '
x" BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.on_row();
COMMENT ON TRIGGER "T ""r""%\ '
x" ON app.t IS 'trigger';
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.on_row();
COMMENT ON TRIGGER late ON app.t IS 'constraint trigger';
CREATE RULE "R ""u""%\ '
x" AS ON UPDATE TO app.v DO INSTEAD NOTHING;
COMMENT ON RULE "R ""u""%\ '
x" ON app.v IS 'rule';
CREATE POLICY "P ""o""%\ '
x" ON app.t USING (true);
COMMENT ON POLICY "P ""o""%\ '
x" ON app.t IS 'policy';
CREATE TYPE app.e AS ENUM ('x');
COMMENT ON TYPE app.e IS 'enum';
CREATE TYPE app.c AS (a integer, "B ""b""%\ '
x" text);
COMMENT ON TYPE app.c IS 'composite type';
COMMENT ON COLUMN app.c.a IS 'its column';
COMMENT ON COLUMN app.c."B ""b""%\ '
x" IS 'its other column';
CREATE DOMAIN app.d AS integer CONSTRAINT "D ""c""%\ '
x" CHECK (VALUE > 0);
COMMENT ON DOMAIN app.d IS 'domain';
COMMENT ON CONSTRAINT "D ""c""%\ '
x" ON DOMAIN app.d IS 'constraint of a domain';
CREATE TYPE app.span AS RANGE (SUBTYPE = integer);
COMMENT ON TYPE app.span IS 'range';
CREATE TYPE app.shell;
COMMENT ON TYPE app.shell IS 'shell';
CREATE FUNCTION app.f(integer, VARIADIC text[]) RETURNS integer LANGUAGE sql AS 'SELECT 1';
COMMENT ON FUNCTION app.f(integer, text[]) IS 'function';
CREATE PROCEDURE app.p(integer) LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
COMMENT ON PROCEDURE app.p(integer) IS 'procedure';
CREATE AGGREGATE app.sum_of(integer) (SFUNC = int4pl, STYPE = integer);
COMMENT ON AGGREGATE app.sum_of(integer) IS 'aggregate';
CREATE AGGREGATE app.all_of(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
COMMENT ON AGGREGATE app.all_of(*) IS 'aggregate of everything';
CREATE OPERATOR app.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
COMMENT ON OPERATOR app.=== (integer, integer) IS 'operator';
CREATE OPERATOR app.!! (RIGHTARG = integer, FUNCTION = int4um);
COMMENT ON OPERATOR app.!! (NONE, integer) IS 'prefix operator';
CREATE OPERATOR FAMILY app.family USING btree;
COMMENT ON OPERATOR FAMILY app.family USING btree IS 'operator family';
CREATE OPERATOR CLASS app.class FOR TYPE integer USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(integer);
COMMENT ON OPERATOR CLASS app.class USING hash IS 'operator class';
CREATE CAST (app.c AS integer) WITH INOUT;
COMMENT ON CAST (app.c AS integer) IS 'cast';
CREATE COLLATION app.coll (locale = 'C');
COMMENT ON COLLATION app.coll IS 'collation';
CREATE CONVERSION app.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
COMMENT ON CONVERSION app.conv IS 'conversion';
CREATE TEXT SEARCH DICTIONARY app.dict (TEMPLATE = simple);
COMMENT ON TEXT SEARCH DICTIONARY app.dict IS 'dictionary';
CREATE TEXT SEARCH CONFIGURATION app.conf (COPY = english);
COMMENT ON TEXT SEARCH CONFIGURATION app.conf IS 'configuration';
CREATE TEXT SEARCH PARSER app.pars
  (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
COMMENT ON TEXT SEARCH PARSER app.pars IS 'parser';
CREATE TEXT SEARCH TEMPLATE app.templ (LEXIZE = dsimple_lexize);
COMMENT ON TEXT SEARCH TEMPLATE app.templ IS 'template';
CREATE ACCESS METHOD my_heap TYPE TABLE HANDLER heap_tableam_handler;
COMMENT ON ACCESS METHOD my_heap IS 'access method';
CREATE FUNCTION app.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE LANGUAGE my_language HANDLER app.handler;
COMMENT ON LANGUAGE my_language IS 'language';
CREATE FOREIGN DATA WRAPPER w;
COMMENT ON FOREIGN DATA WRAPPER w IS 'wrapper';
CREATE SERVER far_away FOREIGN DATA WRAPPER w;
COMMENT ON SERVER far_away IS 'server';
CREATE FOREIGN TABLE app.far (id integer) SERVER far_away;
COMMENT ON FOREIGN TABLE app.far IS 'foreign table';
COMMENT ON COLUMN app.far.id IS 'its column';
CREATE EXTENSION hstore SCHEMA app;
COMMENT ON EXTENSION hstore IS 'another comment than its own';
CREATE EXTENSION citext SCHEMA app;
CREATE PUBLICATION pub;
COMMENT ON PUBLICATION pub IS 'publication';
\if :v18
CREATE TABLE app.named (a integer CONSTRAINT "not ""null""%\ '
x" NOT NULL, b integer NOT NULL);
COMMENT ON CONSTRAINT "not ""null""%\ '
x" ON app.named IS 'named NOT NULL';
COMMENT ON CONSTRAINT named_b_not_null ON app.named IS 'unnamed NOT NULL';
CREATE TABLE app.later (a integer);
ALTER TABLE app.later ADD CONSTRAINT not_yet NOT NULL a NOT VALID;
COMMENT ON CONSTRAINT not_yet ON app.later IS 'NOT NULL that is not valid';
\endif
\if :v17
CREATE DOMAIN app.filled AS integer CONSTRAINT never_null NOT NULL;
COMMENT ON CONSTRAINT never_null ON DOMAIN app.filled IS 'NOT NULL of a domain';
\endif
