-- Keys over time (18): WITHOUT OVERLAPS, PERIOD, deferrable, with included columns.
\if :v18
CREATE EXTENSION btree_gist;
CREATE TABLE room (id integer, "during it" daterange, price numeric, CONSTRAINT "room; key" PRIMARY KEY (id, "during it" WITHOUT OVERLAPS) WITH (fillfactor = 80));
CREATE TABLE booking (
  id integer, room integer, span daterange, stamp tstzmultirange,
  CONSTRAINT booking_unique UNIQUE (id, span WITHOUT OVERLAPS) INCLUDE (room) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT booking_stamp UNIQUE (id, stamp WITHOUT OVERLAPS),
  CONSTRAINT "booking of room" FOREIGN KEY (room, PERIOD span) REFERENCES room (id, PERIOD "during it")
);
ALTER TABLE booking ADD CONSTRAINT loose FOREIGN KEY (id, PERIOD span) REFERENCES room NOT VALID;
ALTER TABLE booking ADD CONSTRAINT looser FOREIGN KEY (id, PERIOD span) REFERENCES room NOT ENFORCED;
COMMENT ON CONSTRAINT "room; key" ON room IS 'one guest at a time';
COMMENT ON CONSTRAINT "booking of room" ON booking IS 'while it is there';
INSERT INTO room VALUES (1, '[2024-01-01,2025-01-01)', 10), (1, '[2025-01-01,2026-01-01)', 11);
INSERT INTO booking VALUES (1, 1, '[2024-05-01,2025-05-01)', '{[2024-05-01,2024-06-01)}');
\endif
CREATE TABLE without_time (id integer PRIMARY KEY);
