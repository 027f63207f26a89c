-- Purpose: the tables that a catalogue lists (CatalogModel.tables), by their names alone, to lock them before it is
--          read.
-- Columns: id text, schema text, name text, "ofExtension" boolean, lockable boolean (in any mode). Servers: 13 and
--          later.
SELECT
  'table:' || c.oid AS id,
  n.nspname AS schema,
  c.relname AS name,
  EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  ) AS "ofExtension",
  pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') AS lockable
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
  AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND (
    NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
    -- Of an extension, which asks to have their rows dumped.
    OR EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.oid >= 16384 AND c.oid = ANY (e.extconfig))
  )
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
