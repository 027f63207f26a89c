-- Foreign data wrappers, servers, user mappings and foreign tables: options of odd names and values, inheritance,
-- partitions, constraints, triggers, sequences.
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION file_fdw;
CREATE FUNCTION check_options(text[], oid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FOREIGN DATA WRAPPER bare;
CREATE FOREIGN DATA WRAPPER "odd "" wrapper" HANDLER postgres_fdw_handler OPTIONS ("na me" 'va''lue', b E'back\\slash\nand line', empty '');
CREATE SERVER "server; 1" TYPE 'ty''pe' VERSION '1.0 %' FOREIGN DATA WRAPPER bare OPTIONS ("a b" 'c=d', z '');
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid', dbname 'x', fetch_size '77');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE USER MAPPING FOR :"reader" SERVER elsewhere;
CREATE USER MAPPING FOR PUBLIC SERVER "server; 1";
CREATE FOREIGN TABLE "far ""away""" (
  id integer OPTIONS (column_name 'ID'),
  name text OPTIONS (column_name 'na''me') COLLATE "C" NOT NULL DEFAULT 'x',
  size numeric(10, 2) CONSTRAINT positive CHECK (size > 0),
  twice integer GENERATED ALWAYS AS (id * 2) STORED
) SERVER elsewhere OPTIONS (schema_name 'there; --', table_name 't"t', updatable 'false');
CREATE FOREIGN TABLE no_columns () SERVER "server; 1";
CREATE FOREIGN TABLE lines (line text) SERVER files OPTIONS (filename '/nowhere/x.csv', format 'csv');
ALTER FOREIGN TABLE "far ""away""" ALTER COLUMN name SET STATISTICS 33, ALTER COLUMN id SET (n_distinct = 5);
ALTER FOREIGN TABLE "far ""away""" ADD CONSTRAINT later CHECK (id > 0) NOT VALID;
CREATE TABLE near (id integer DEFAULT 1, name text NOT NULL, CONSTRAINT named CHECK (name <> ''));
CREATE FOREIGN TABLE far_child (extra integer) INHERITS (near) SERVER elsewhere;
ALTER FOREIGN TABLE far_child ALTER COLUMN id SET DEFAULT 2, ALTER COLUMN name OPTIONS (ADD column_name 'n');
CREATE FOREIGN TABLE far_parent (id integer, note text) SERVER elsewhere;
CREATE TABLE near_child (more integer) INHERITS (far_parent);
CREATE TABLE part (k integer NOT NULL, v text DEFAULT 'v', CHECK (k > 0)) PARTITION BY RANGE (k);
CREATE TABLE part_near PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE FOREIGN TABLE part_far PARTITION OF part FOR VALUES FROM (10) TO (20) SERVER elsewhere OPTIONS (table_name 'part');
CREATE FOREIGN TABLE part_attached (v text, k integer NOT NULL, CHECK (k > 0), CONSTRAINT part_k_check CHECK (k > 0)) SERVER elsewhere;
ALTER TABLE part ATTACH PARTITION part_attached FOR VALUES FROM (20) TO (30);
CREATE INDEX part_v ON ONLY part (v);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER before_far BEFORE INSERT OR UPDATE ON "far ""away""" FOR EACH ROW EXECUTE FUNCTION note('a''b');
CREATE TRIGGER on_part AFTER INSERT ON part FOR EACH STATEMENT EXECUTE FUNCTION note();
ALTER FOREIGN TABLE "far ""away""" DISABLE TRIGGER before_far;
CREATE SEQUENCE far_ids OWNED BY far_parent.id;
ALTER FOREIGN TABLE far_parent ALTER COLUMN id SET DEFAULT nextval('far_ids');
CREATE VIEW over_far AS SELECT id, name FROM "far ""away""";
COMMENT ON FOREIGN DATA WRAPPER "odd "" wrapper" IS 'odd';
COMMENT ON SERVER "server; 1" IS 'it''s a server';
COMMENT ON FOREIGN TABLE "far ""away""" IS 'far';
COMMENT ON COLUMN "far ""away""".name IS 'name';
COMMENT ON CONSTRAINT positive ON "far ""away""" IS 'more than nothing';
COMMENT ON TRIGGER before_far ON "far ""away""" IS 'never';
ALTER SERVER "server; 1" OWNER TO :"owner";
ALTER FOREIGN TABLE "far ""away""" OWNER TO :"owner";
GRANT USAGE ON FOREIGN DATA WRAPPER bare TO :"reader" WITH GRANT OPTION;
GRANT USAGE ON FOREIGN SERVER elsewhere TO :"reader";
GRANT SELECT (name), INSERT ON "far ""away""" TO :"reader";
INSERT INTO near VALUES (1, 'n');
INSERT INTO near_child VALUES (1, 'n', 2);
INSERT INTO part VALUES (1, 'near');
