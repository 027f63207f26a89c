-- Purpose: defaults and generation expressions of columns of tables, foreign tables and views.
-- Columns: those of DefaultRow. Servers: 13 and later.
SELECT
  d.oid,
  d.adrelid AS "relation",
  c.relkind AS "relkind",
  n.nspname AS "schema",
  c.relname AS "table",
  d.adnum AS "column",
  a.attname AS "name",
  a.attgenerated AS "generated",
  -- Its CREATE names the column: not so where the column only comes from parents.
  c.relkind <> 'v' AND (a.attislocal OR c.relispartition) AS "named",
  EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  ) AS "member",
  pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS "expression"
FROM pg_catalog.pg_attrdef AS d
JOIN pg_catalog.pg_class AS c ON c.oid = d.adrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE c.relkind IN ('r', 'p', 'f', 'v') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
