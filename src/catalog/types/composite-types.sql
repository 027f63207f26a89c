-- Purpose: free-standing composite types. Columns: oid (pg_type), relation (pg_class), schema, name, owner.
-- Their attributes come with the columns of all relations. Servers: 13 and later.
-- Nothing without: composite types.
SELECT
  t.oid,
  t.typrelid AS "relation",
  n.nspname AS "schema",
  t.typname AS "name",
  pg_catalog.pg_get_userbyid(t.typowner) AS "owner"
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid AND m.deptype = 'e'
  )
