-- Purpose: how many large objects the database has. Columns: count, bytes (of the table that holds them, which may
-- compress). Servers: 13 and later; everybody may ask.
SELECT
  (SELECT count(*)::float8 FROM pg_catalog.pg_largeobject_metadata) AS "count",
  pg_catalog.pg_relation_size('pg_catalog.pg_largeobject'::regclass)::float8 AS "bytes"
