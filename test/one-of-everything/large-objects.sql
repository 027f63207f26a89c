-- Large objects: empty, small, as long as a chunk, longer, with holes at every place, ending in zeros, at both ends
-- of the range of OIDs; with owners, grants (also granted on, and revoked) and comments.
SELECT lo_create(42), lo_create(4294967295);
SELECT lo_from_bytea(70001, '\x00ff5c0a275c2e0d00');
SELECT lo_from_bytea(70002, decode(repeat('61', 262144), 'hex'));
SELECT lo_from_bytea(70003, (SELECT string_agg(sha256(g::text::bytea), ''::bytea ORDER BY g) FROM generate_series(1, 20000) AS g));
SELECT lo_create(70004);
SELECT lo_put(70004, 1000000, '\x01');
SELECT lo_from_bytea(70005, '\x01');
SELECT lo_truncate64(lo_open(70005, 131072), 600001);
SELECT lo_create(70006);
SELECT lo_put(70006, 262144, '\x02'), lo_put(70006, 524288, decode(repeat('00', 262144), 'hex'));
SELECT lo_put(70006, 786432, '\x03');
SELECT lo_from_bytea(70007, 'theirs'), lo_from_bytea(70008, 'granted'), lo_from_bytea(70009, 'nobody''s'), lo_create(70010);
ALTER LARGE OBJECT 70007 OWNER TO :"owner";
ALTER LARGE OBJECT 70003 OWNER TO :"owner";
GRANT SELECT ON LARGE OBJECT 70001, 70008 TO :"reader" WITH GRANT OPTION;
GRANT UPDATE ON LARGE OBJECT 70008 TO PUBLIC;
SET ROLE :"reader";
GRANT SELECT ON LARGE OBJECT 70008 TO :"writer";
RESET ROLE;
REVOKE ALL ON LARGE OBJECT 70009 FROM CURRENT_USER;
GRANT ALL ON LARGE OBJECT 70007 TO :"writer";
COMMENT ON LARGE OBJECT 42 IS E'it''s\n\\! empty, -- %';
COMMENT ON LARGE OBJECT 70003 IS 'é🧩';
CREATE TABLE photo (id integer PRIMARY KEY, image oid);
INSERT INTO photo VALUES (1, 70003), (2, 42);
