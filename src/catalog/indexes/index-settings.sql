-- Purpose: statistics targets of index columns (expressions). Columns: index (OID), number, statistics. Servers: 13
-- and later.
-- Nothing without: indexes.
SELECT a.attrelid AS "index", a.attnum AS "number", a.attstattarget AS "statistics"
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('i', 'I') AND a.attstattarget >= 0
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY a.attrelid, a.attnum
