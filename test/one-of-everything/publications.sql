-- Publications. Variables: owner, reader, writer (roles).
CREATE SCHEMA app AUTHORIZATION :"owner";
CREATE SCHEMA "S ""p%\ '
x";
CREATE TABLE app.t (id integer PRIMARY KEY, a text, "B b" integer, hidden text);
CREATE TABLE app.other (id integer PRIMARY KEY);
CREATE TABLE app.no_key (a integer);
CREATE TABLE "S ""p%\ '
x"."t ""x%\ '
y" (id integer PRIMARY KEY, "c ""z%\ '
w" text);
CREATE TABLE app.parent (id integer PRIMARY KEY);
CREATE TABLE app.child () INHERITS (app.parent);
CREATE TABLE app.parted (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE app.parted_2026 PARTITION OF app.parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE app.t OWNER TO :"owner";
INSERT INTO app.t VALUES (1, 'x', 2, 'y');

CREATE PUBLICATION nothing_at_all WITH (publish = '');
CREATE PUBLICATION empty_one;
COMMENT ON PUBLICATION empty_one IS 'it''s
empty \ %';
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, truncate');
COMMENT ON PUBLICATION everything IS 'all';
CREATE PUBLICATION chosen FOR TABLE app.t, app.other WITH (publish = 'update, delete');
ALTER PUBLICATION chosen OWNER TO :"owner";
CREATE PUBLICATION via_root FOR TABLE app.parted WITH (publish_via_partition_root = true);
CREATE PUBLICATION leaf FOR TABLE app.parted_2026, app.no_key WITH (publish = 'insert');
CREATE PUBLICATION only_parent FOR TABLE ONLY app.parent;
CREATE PUBLICATION with_children FOR TABLE app.parent;
CREATE PUBLICATION "P ""x%\ '
y" FOR TABLE "S ""p%\ '
x"."t ""x%\ '
y";
COMMENT ON PUBLICATION "P ""x%\ '
y" IS 'odd';
CREATE PUBLICATION "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüä" FOR TABLE app.other;
\if :v15
CREATE FUNCTION app.wanted(a integer) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN $1 > 0;
CREATE PUBLICATION some_columns FOR TABLE app.t (id, "B b"), "S ""p%\ '
x"."t ""x%\ '
y" ("c ""z%\ '
w", id);
CREATE PUBLICATION some_rows FOR TABLE app.t WHERE (a = 'x' OR "B b" > 3), app.other WHERE (true) WITH (publish = 'insert');
CREATE PUBLICATION columns_and_rows FOR TABLE app.t (id, a) WHERE (a IN ('it''s', 'b')) WITH (publish = 'insert');
CREATE PUBLICATION schemas FOR TABLES IN SCHEMA app, "S ""p%\ '
x", public;
CREATE PUBLICATION mixed FOR TABLES IN SCHEMA public, TABLE app.t WHERE (id > 0);
COMMENT ON PUBLICATION mixed IS 'both kinds';
CREATE PUBLICATION with_column_of_key FOR TABLE app.parted (at, id) WITH (publish_via_partition_root = true);
\endif
\if :v18
CREATE TABLE app.generated (id integer PRIMARY KEY, twice integer GENERATED ALWAYS AS (id * 2) STORED);
CREATE PUBLICATION generated_stored FOR TABLE app.generated WITH (publish_generated_columns = stored);
CREATE PUBLICATION generated_none FOR TABLE app.generated WITH (publish_generated_columns = none);
CREATE PUBLICATION generated_listed FOR TABLE app.generated (id, twice);
\endif
