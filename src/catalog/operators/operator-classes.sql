-- Purpose: operator classes; their members are in operator-members.sql. Columns: those of ClassRow.
-- Servers: 13 and later.
-- Nothing without: operator classes.
SELECT
  c.oid AS "oid",
  n.nspname AS "schema",
  c.opcname AS "name",
  pg_catalog.pg_get_userbyid(c.opcowner) AS "owner",
  m.amname AS "accessMethod",
  fn.nspname AS "familySchema",
  f.opfname AS "familyName",
  c.opcdefault AS "default",
  pg_catalog.format_type(c.opcintype, NULL) AS "type",
  pg_catalog.format_type(NULLIF(c.opckeytype, 0), NULL) AS "storage"
FROM pg_catalog.pg_opclass AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.opcnamespace
JOIN pg_catalog.pg_am AS m ON m.oid = c.opcmethod
JOIN pg_catalog.pg_opfamily AS f ON f.oid = c.opcfamily
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.opfnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS e
    WHERE e.classid = 'pg_catalog.pg_opclass'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
