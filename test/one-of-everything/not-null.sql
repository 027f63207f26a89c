-- NOT NULL with and without names, valid or not, handed down or not, on children and partitions.
CREATE TABLE simple (a integer NOT NULL, b text, "c ""d""" integer CONSTRAINT "named % one" NOT NULL);
CREATE TABLE a_b (c integer NOT NULL);
CREATE TABLE a (b_c integer NOT NULL);
CREATE TABLE "long name of a table that needs all of the sixty-three bytes yes" ("and a long name of a column that needs the sixty-three bytes too" integer NOT NULL);
CREATE TABLE keyed (id integer PRIMARY KEY, other integer CONSTRAINT other_set NOT NULL UNIQUE);
CREATE TABLE parent (a integer NOT NULL, b integer CONSTRAINT b_is_set NOT NULL, c integer, d integer);
CREATE TABLE child () INHERITS (parent);
CREATE TABLE child_too (a integer CONSTRAINT "own name" NOT NULL, e integer NOT NULL) INHERITS (parent);
CREATE TABLE grandchild (b integer) INHERITS (child_too, child);
CREATE TABLE parted (k integer NOT NULL, v integer CONSTRAINT v_set NOT NULL, w integer) PARTITION BY RANGE (k);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE parted_2 (v integer CONSTRAINT "v of two" NOT NULL, k integer CONSTRAINT k_of_two NOT NULL, w integer NOT NULL);
ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES FROM (10) TO (20) ;
CREATE TABLE parted_3 PARTITION OF parted (w NOT NULL) FOR VALUES FROM (20) TO (30) PARTITION BY LIST (v);
CREATE TABLE parted_3_1 PARTITION OF parted_3 DEFAULT;
\if :v18
ALTER TABLE simple ADD CONSTRAINT "mine alone" NOT NULL b NO INHERIT;
ALTER TABLE parent ADD CONSTRAINT "d later" NOT NULL d NOT VALID;
ALTER TABLE keyed ADD COLUMN x integer;
ALTER TABLE keyed ADD CONSTRAINT "x; later" NOT NULL x NOT VALID;
CREATE TABLE early (d integer CONSTRAINT "early d" NOT NULL);
CREATE TABLE late_parent (p integer);
CREATE TABLE late_child () INHERITS (late_parent);
CREATE TABLE late_grandchild () INHERITS (late_child);
ALTER TABLE late_parent ADD CONSTRAINT "late p" NOT NULL p NOT VALID;
CREATE TABLE late_parted (p integer, q integer) PARTITION BY LIST (q);
CREATE TABLE late_parted_1 PARTITION OF late_parted DEFAULT;
ALTER TABLE late_parted ADD CONSTRAINT "late part" NOT NULL p NOT VALID;
COMMENT ON CONSTRAINT "mine alone" ON simple IS 'not handed down';
COMMENT ON CONSTRAINT "x; later" ON keyed IS 'not valid';
COMMENT ON CONSTRAINT simple_a_not_null ON simple IS 'its usual name';
COMMENT ON CONSTRAINT "own name" ON child_too IS 'of a child';
COMMENT ON CONSTRAINT v_set ON parted IS 'of a partitioned table';
\endif
INSERT INTO simple VALUES (1, 'b', 2);
INSERT INTO child (a, b, d) VALUES (1, 2, 3);
INSERT INTO parted VALUES (1, 2, 3), (11, 2, 3), (21, 2, 3);
