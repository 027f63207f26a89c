-- Purpose: transforms, how a language sees a type. Columns: those of TransformRow. Servers: 13 and later. Each function
-- takes one argument; the server always writes them with it.
-- Nothing without: transforms.
SELECT
  r.oid,
  pg_catalog.format_type(r.trftype, NULL) AS "type",
  l.lanname AS "language",
  CASE WHEN f.oid IS NOT NULL THEN ARRAY[fn.nspname, f.proname]::text[] END AS "fromSql",
  pg_catalog.oidvectortypes(f.proargtypes) AS "fromSqlArguments",
  CASE WHEN t.oid IS NOT NULL THEN ARRAY[tn.nspname, t.proname]::text[] END AS "toSql",
  pg_catalog.oidvectortypes(t.proargtypes) AS "toSqlArguments"
FROM pg_catalog.pg_transform AS r
JOIN pg_catalog.pg_language AS l ON l.oid = r.trflang
LEFT JOIN pg_catalog.pg_proc AS f ON f.oid = r.trffromsql
LEFT JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.pronamespace
LEFT JOIN pg_catalog.pg_proc AS t ON t.oid = r.trftosql
LEFT JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.pronamespace
WHERE r.oid >= 16384
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_transform'::regclass AND m.objid = r.oid AND m.deptype = 'e'
  )
