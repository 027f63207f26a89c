-- Purpose: how large some databases are. Parameter: their names. Columns: name text, bytes text (null where this role
-- may not ask: it needs CONNECT on the database, or pg_read_all_stats).
-- Servers: 13 and later.
SELECT
  d.datname::text AS name,
  CASE
    WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
      THEN pg_catalog.pg_database_size(d.oid)::text
  END AS bytes
FROM pg_catalog.pg_database AS d
WHERE d.datname = ANY ($1::text[])
