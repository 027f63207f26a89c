-- Purpose: schemas of the user. Columns: oid, name, owner. Servers: 13 and later.
SELECT n.oid, n.nspname AS "name", pg_catalog.pg_get_userbyid(n.nspowner) AS "owner"
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_namespace'::regclass AND m.objid = n.oid AND m.deptype = 'e'
  )
