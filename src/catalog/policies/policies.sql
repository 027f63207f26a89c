-- Purpose: row-level security policies. Columns: those of PolicyRow; `roles` holds null for PUBLIC. Servers: 13 and
-- later.
-- Nothing without: policies.
SELECT
  p.oid,
  p.polname AS "name",
  p.polrelid AS "table",
  n.nspname AS "schema",
  c.relname AS "tableName",
  p.polpermissive AS "permissive",
  p.polcmd AS "command",
  ARRAY(
    SELECT CASE WHEN role.oid = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(role.oid)::text END
    FROM pg_catalog.unnest(p.polroles) AS role (oid)
    ORDER BY CASE WHEN role.oid = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(role.oid)::text END COLLATE "C"
  ) AS "roles",
  pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS "using",
  pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
