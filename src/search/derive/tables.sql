-- Purpose: everything with rows that a search could be made of, outside the system's schemas.
-- Columns: schema, name, and its OID. Servers: 13 and later.
SELECT n.nspname AS "schema", c.relname AS "name", c.oid::text AS "oid"
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname
