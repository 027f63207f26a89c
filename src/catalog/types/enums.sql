-- Purpose: enum types with their labels in order. Columns: oid, schema, name, owner, labels. Servers: 13 and later.
-- Nothing without: enums.
SELECT
  t.oid,
  n.nspname AS "schema",
  t.typname AS "name",
  pg_catalog.pg_get_userbyid(t.typowner) AS "owner",
  ARRAY(
    SELECT e.enumlabel::text FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder
  ) AS "labels"
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
WHERE t.typtype = 'e'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid AND m.deptype = 'e'
  )
