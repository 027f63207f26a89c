-- Purpose: foreign servers. Columns: those of ServerRow. Servers: 13 and later.
-- Nothing without: foreign data wrappers.
SELECT
  s.oid,
  s.srvname AS "name",
  pg_catalog.pg_get_userbyid(s.srvowner) AS "owner",
  w.fdwname AS "wrapper",
  s.srvtype AS "type",
  s.srvversion AS "version",
  s.srvoptions AS "options"
FROM pg_catalog.pg_foreign_server AS s
JOIN pg_catalog.pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS m
  WHERE m.classid = 'pg_catalog.pg_foreign_server'::regclass AND m.objid = s.oid AND m.deptype = 'e'
)
