-- Purpose: what goes when an extension goes (ALTER ... DEPENDS ON EXTENSION), extensions that come with every database
-- included. Columns: catalog, oid, extension. Servers: 13 and later.
SELECT DISTINCT
  dependent.relname AS "catalog",
  d.objid AS "oid",
  e.extname AS "extension"
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_class AS dependent ON dependent.oid = d.classid
JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
WHERE d.deptype = 'x' AND d.refclassid = 'pg_catalog.pg_extension'::regclass
ORDER BY d.objid, e.extname
