-- Purpose: procedural languages that no extension made. Columns: those of LanguageRow; pairs are [schema, name].
-- Servers: 13 and later.
-- Nothing without: languages.
SELECT
  l.oid,
  l.lanname AS "name",
  pg_catalog.pg_get_userbyid(l.lanowner) AS "owner",
  l.lanpltrusted AS "trusted",
  ARRAY[hn.nspname, h.proname]::text[] AS "handler",
  CASE WHEN i.oid IS NOT NULL THEN ARRAY[nn.nspname, i.proname]::text[] END AS "inline",
  CASE WHEN v.oid IS NOT NULL THEN ARRAY[vn.nspname, v.proname]::text[] END AS "validator"
FROM pg_catalog.pg_language AS l
JOIN pg_catalog.pg_proc AS h ON h.oid = l.lanplcallfoid
JOIN pg_catalog.pg_namespace AS hn ON hn.oid = h.pronamespace
LEFT JOIN pg_catalog.pg_proc AS i ON i.oid = l.laninline
LEFT JOIN pg_catalog.pg_namespace AS nn ON nn.oid = i.pronamespace
LEFT JOIN pg_catalog.pg_proc AS v ON v.oid = l.lanvalidator
LEFT JOIN pg_catalog.pg_namespace AS vn ON vn.oid = v.pronamespace
WHERE l.lanispl AND l.oid >= 16384
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_language'::regclass AND m.objid = l.oid AND m.deptype = 'e'
  )
