-- Purpose: every catalog of this database whose rows have OIDs, so that kinds of objects nobody thought of are found.
-- Columns: catalog. Servers: 13 and later. Left out: rows that are details of an object listed elsewhere and have no
-- dependency of their own (labels of enums), large objects, which are data, and
-- user mappings, whose catalog ordinary roles may not read (foreign-data/user-mappings.sql).
SELECT c.relname AS "catalog"
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'oid' AND NOT a.attisdropped
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND NOT c.relisshared
  AND c.relname NOT IN ('pg_enum', 'pg_largeobject_metadata', 'pg_user_mapping')
ORDER BY c.relname
