-- Purpose: conversions between encodings. Columns: those of ConversionRow; "function" is [schema, name].
-- Servers: 13 and later.
-- Nothing without: conversions.
SELECT
  c.oid,
  n.nspname AS "schema",
  c.conname AS "name",
  pg_catalog.pg_get_userbyid(c.conowner) AS "owner",
  c.condefault AS "default",
  pg_catalog.pg_encoding_to_char(c.conforencoding) AS "from",
  pg_catalog.pg_encoding_to_char(c.contoencoding) AS "to",
  ARRAY[fn.nspname, f.proname]::text[] AS "function"
FROM pg_catalog.pg_conversion AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace
JOIN pg_catalog.pg_proc AS f ON f.oid = c.conproc
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_conversion'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  )
