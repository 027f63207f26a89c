-- Tables that inherit: several parents, merged columns, what children change or lack of their parents' defaults,
-- checks, NOT NULL, generated columns and settings.
CREATE TABLE place (name text DEFAULT 'nowhere' NOT NULL, size integer DEFAULT 1 CHECK (size > 0), note text, code varchar(3) COLLATE "C");
CREATE TABLE owned (owner text DEFAULT 'nobody', note text, since date DEFAULT CURRENT_DATE, CONSTRAINT "not me" CHECK (owner <> 'me') NO INHERIT, CONSTRAINT "since when" CHECK (since > '2000-01-01'));
CREATE TABLE city () INHERITS (place);
CREATE TABLE farm (animals integer[], size integer DEFAULT 5, CONSTRAINT many CHECK (size > 2)) INHERITS (owned, place);
CREATE TABLE ghost (name text DEFAULT NULL) INHERITS (place);
CREATE TABLE village () INHERITS (city);
ALTER TABLE ONLY city ALTER COLUMN size DROP DEFAULT;
ALTER TABLE village ALTER COLUMN note SET DEFAULT 'v''illage';
\if :v18
-- For older servers pg_dump writes what only 18 reads.
ALTER TABLE village ALTER COLUMN size SET NOT NULL;
\endif
ALTER TABLE village ALTER COLUMN code SET STATISTICS 17;
ALTER TABLE village ALTER COLUMN note SET STORAGE EXTERNAL;
ALTER TABLE city ADD CONSTRAINT "short % names" CHECK (length(name) < 60);
ALTER TABLE place ADD CONSTRAINT later CHECK (size <> 7) NOT VALID;
ALTER TABLE village ADD CONSTRAINT "own later" CHECK (size <> 8) NOT VALID;
-- The same constraint of its own and from its parent.
CREATE TABLE twice (size integer, CONSTRAINT place_size_check CHECK (size > 0)) INHERITS (place);
CREATE TABLE "Diamond ""top""" (id integer PRIMARY KEY, "odd name" text DEFAULT 'x');
CREATE TABLE left_side (l integer) INHERITS ("Diamond ""top""");
CREATE TABLE right_side (r integer) INHERITS ("Diamond ""top""");
CREATE TABLE bottom (id integer) INHERITS (right_side, left_side);
CREATE TABLE shape (w integer, h integer, area integer GENERATED ALWAYS AS (w * h) STORED);
CREATE TABLE square () INHERITS (shape);
CREATE TABLE box (d integer, area integer) INHERITS (shape);
\if :v17
CREATE TABLE triangle (area integer GENERATED ALWAYS AS (w * h / 2) STORED) INHERITS (shape);
\endif
\if :v18
CREATE TABLE v_shape (w integer, h integer, area integer GENERATED ALWAYS AS (w * h) VIRTUAL);
CREATE TABLE v_square () INHERITS (v_shape);
CREATE TABLE v_triangle (area integer GENERATED ALWAYS AS (w * h / 2) VIRTUAL) INHERITS (v_shape);
\endif
-- Made alone, and made a child afterwards.
CREATE TABLE adopted (name text NOT NULL, size integer DEFAULT 9, note text, code varchar(3) COLLATE "C", extra integer, CONSTRAINT place_size_check CHECK (size > 0));
ALTER TABLE adopted ADD CONSTRAINT later CHECK (size <> 7) NOT VALID;
ALTER TABLE adopted INHERIT place;
CREATE TABLE left_home (id integer) INHERITS (city);
ALTER TABLE left_home NO INHERIT city;
COMMENT ON COLUMN village.name IS 'inherited';
COMMENT ON CONSTRAINT "short % names" ON city IS 'short';
COMMENT ON TABLE bottom IS 'two ways up';
CREATE INDEX village_name ON village (name);
CREATE UNLOGGED TABLE forgotten () INHERITS (place) WITH (fillfactor = 33);
ALTER TABLE farm OWNER TO :"owner";
GRANT SELECT (name), INSERT ON city TO :"reader";
GRANT UPDATE (name) ON village TO :"writer";
CREATE FUNCTION of_place(place) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
INSERT INTO place (name) VALUES ('p');
INSERT INTO city (name, size) VALUES ('c', 2);
INSERT INTO village (name, size) VALUES ('v', 3), ('w', 4);
INSERT INTO farm (name, animals, owner) VALUES ('f', '{1,2}', 'o');
INSERT INTO bottom VALUES (1, 'b', 2, 3);
INSERT INTO square (w, h) VALUES (2, 2);
INSERT INTO adopted VALUES ('a', 1, 'n', 'c', 4);
