-- Purpose: relations that extensions make, on which users may have put indexes, constraints, triggers, rules,
-- policies and statistics. Columns: those of ExtensionRelation. Servers: 13 and later.
-- Nothing without: extensions.
SELECT
  c.oid,
  c.relkind AS "relkind",
  n.nspname AS "schema",
  c.relname AS "name",
  e.oid AS "extension",
  e.extname AS "extensionName",
  e.extversion AS "version",
  -- Its rows have an object of their own (extension-config.sql).
  c.relkind = 'r' AND COALESCE(c.oid = ANY (e.extconfig), false) AS "config"
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
JOIN pg_catalog.pg_class AS c ON c.oid = d.objid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_extension'::regclass
  AND d.deptype = 'e' AND e.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
