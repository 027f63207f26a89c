-- Purpose: access methods of tables and indexes. Columns: oid, name, type (`t` or `i`), handler ([schema, name]).
-- Servers: 13 and later.
-- Nothing without: access methods.
SELECT
  a.oid,
  a.amname AS "name",
  a.amtype AS "type",
  ARRAY[hn.nspname, h.proname]::text[] AS "handler"
FROM pg_catalog.pg_am AS a
JOIN pg_catalog.pg_proc AS h ON h.oid = a.amhandler
JOIN pg_catalog.pg_namespace AS hn ON hn.oid = h.pronamespace
WHERE a.oid >= 16384 AND a.amtype IN ('t', 'i')
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_am'::regclass AND m.objid = a.oid AND m.deptype = 'e'
  )
