-- Purpose: publications that a new table joins by itself, such as those in which a merge keeps rows for its undo.
-- Parameters: none. Columns: name, read boolean (something of this database is read through the plugin that
--          publications are for). Servers: 13 and later.
SELECT
  p.pubname::text AS name,
  EXISTS (
    SELECT FROM pg_catalog.pg_replication_slots AS s
    WHERE s.database = pg_catalog.current_database() AND s.plugin = 'pgoutput'
  ) AS read
FROM pg_catalog.pg_publication AS p
WHERE p.puballtables AND p.pubinsert
ORDER BY p.pubname
