-- Purpose: text search configurations. Columns: those of ConfigurationRow. Servers: 13 and later.
-- Nothing without: text search configurations.
SELECT
  c.oid AS "oid",
  n.nspname AS "schema",
  c.cfgname AS "name",
  pg_catalog.pg_get_userbyid(c.cfgowner) AS "owner",
  ARRAY[pn.nspname, p.prsname]::text[] AS "parser",
  p.oid < 16384 AS "builtInParser"
FROM pg_catalog.pg_ts_config AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser AS p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.prsnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_ts_config'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  )
