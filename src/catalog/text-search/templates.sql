-- Purpose: text search templates. Columns: those of TemplateRow; functions come as schema and name. Servers: 13 and
-- later.
-- Nothing without: text search templates.
SELECT
  t.oid AS "oid",
  n.nspname AS "schema",
  t.tmplname AS "name",
  CASE WHEN i.oid IS NOT NULL THEN ARRAY[ns.nspname, i.proname]::text[] END AS "init",
  ARRAY[ln.nspname, l.proname]::text[] AS "lexize"
FROM pg_catalog.pg_ts_template AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.tmplnamespace
JOIN pg_catalog.pg_proc AS l ON l.oid = t.tmpllexize
JOIN pg_catalog.pg_namespace AS ln ON ln.oid = l.pronamespace
LEFT JOIN pg_catalog.pg_proc AS i ON i.oid = t.tmplinit
LEFT JOIN pg_catalog.pg_namespace AS ns ON ns.oid = i.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_ts_template'::regclass AND m.objid = t.oid AND m.deptype = 'e'
  )
