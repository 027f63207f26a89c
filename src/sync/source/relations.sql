-- Purpose: tables of the database with what this role may do with them, to lock before the catalogue is read and to
--          refuse early what COPY would refuse, or shorten, late.
-- Columns: oid text, schema text, name text, partitioned boolean, readable boolean, rows_hidden boolean.
-- Servers: 13 and later. `row_security_active` is true where policies would filter rows for this role.
SELECT
  c.oid::text AS oid,
  n.nspname AS schema,
  c.relname AS name,
  c.relkind = 'p' AS partitioned,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable,
  pg_catalog.row_security_active(c.oid) AS rows_hidden
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND n.nspname !~ '^multiboard_sync_(undo|staged)_'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
      -- Tables of extensions, but for those whose rows an extension asks to have dumped.
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_extension AS e
        WHERE e.oid >= 16384 AND c.oid = ANY (e.extconfig) AND c.relkind = 'r'
      )
  )
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
