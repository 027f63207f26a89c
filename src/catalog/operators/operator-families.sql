-- Purpose: operator families, those of PostgreSQL and of extensions included: users may add to them. Columns: those of
-- FamilyRow. Servers: 13 and later.
SELECT
  f.oid AS "oid",
  n.nspname AS "schema",
  f.opfname AS "name",
  pg_catalog.pg_get_userbyid(f.opfowner) AS "owner",
  m.amname AS "accessMethod",
  f.oid >= 16384 AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS e
    WHERE e.classid = 'pg_catalog.pg_opfamily'::regclass AND e.objid = f.oid AND e.deptype = 'e'
  ) AS "users"
FROM pg_catalog.pg_opfamily AS f
JOIN pg_catalog.pg_namespace AS n ON n.oid = f.opfnamespace
JOIN pg_catalog.pg_am AS m ON m.oid = f.opfmethod
WHERE f.oid < 16384 OR n.nspname !~ '^pg_'
