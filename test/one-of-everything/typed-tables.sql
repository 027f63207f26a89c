-- Tables of a composite type: with nothing of their own, with options of columns, with keys; a type of odd names.
CREATE TYPE "point % of" AS (x integer, "y ""axis""" numeric(8, 2), label text COLLATE "C", at timestamptz[]);
CREATE TABLE plain_points OF "point % of";
CREATE TABLE "checked points" OF "point % of" (
  x WITH OPTIONS DEFAULT 7 NOT NULL,
  "y ""axis""" CONSTRAINT "positive; y" CHECK ("y ""axis""" > 0),
  label DEFAULT E'a''b\nc',
  PRIMARY KEY (x),
  CONSTRAINT no_label UNIQUE (label) DEFERRABLE
) WITH (fillfactor = 60);
ALTER TABLE "checked points" ALTER COLUMN label SET STATISTICS 12, ALTER COLUMN label SET STORAGE MAIN;
ALTER TABLE "checked points" REPLICA IDENTITY FULL;
CREATE TABLE parted_points OF "point % of" (x NOT NULL) PARTITION BY RANGE (x);
CREATE TABLE parted_points_1 PARTITION OF parted_points FOR VALUES FROM (0) TO (10);
CREATE UNLOGGED TABLE lost_points OF "point % of";
-- Of a type after it was made.
CREATE TABLE later_of (x integer DEFAULT 3, "y ""axis""" numeric(8, 2) NOT NULL, label text COLLATE "C", at timestamptz[]);
ALTER TABLE later_of OF "point % of";
CREATE TABLE no_longer_of OF "point % of";
ALTER TABLE no_longer_of NOT OF;
COMMENT ON TABLE "checked points" IS 'typed';
COMMENT ON COLUMN "checked points".label IS 'what''s on it';
COMMENT ON TYPE "point % of" IS 'type of tables';
GRANT SELECT (x), UPDATE (label) ON "checked points" TO :"reader";
ALTER TABLE plain_points OWNER TO :"owner";
INSERT INTO plain_points VALUES (1, 2, 'l', '{now}');
INSERT INTO "checked points" VALUES (1, 2, 'l', '{2020-01-01}');
INSERT INTO parted_points VALUES (1, 2, NULL, NULL);
