-- Purpose: views and materialized views with their queries. Columns: those of ViewRow. Servers: 13 and later.
-- Nothing without: views.
SELECT
  c.oid,
  c.relkind AS "relkind",
  c.reltype AS "rowType",
  n.nspname AS "schema",
  c.relname AS "name",
  pg_catalog.pg_get_userbyid(c.relowner) AS "owner",
  c.reloptions AS "options",
  toast.reloptions AS "toastOptions",
  c.relispopulated AS "populated",
  c.relreplident AS "replicaIdentity",
  pg_catalog.pg_get_viewdef(c.oid) AS "query",
  r.oid AS "rule",
  r.ev_enabled AS "ruleState",
  NULLIF(am.amname, 'heap') AS "accessMethod",
  ts.spcname AS "tablespace"
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid AND r.ev_type = '1'
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = c.reltoastrelid
LEFT JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = c.reltablespace
WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  )
