-- Purpose: tables whose children are foreign tables: ANALYZE would ask foreign servers for rows.
-- Columns: schema, name. Servers: 13 and later; ANALYZE ONLY of 18 asks them all the same.
WITH RECURSIVE above (oid) AS (
  SELECT i.inhparent
  FROM pg_catalog.pg_inherits AS i
  JOIN pg_catalog.pg_class AS f ON f.oid = i.inhrelid AND f.relkind = 'f'
  UNION
  SELECT i.inhparent
  FROM above AS a
  JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = a.oid
)
SELECT
  n.nspname AS "schema",
  c.relname AS "name"
FROM above AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
