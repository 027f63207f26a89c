-- Purpose: what depends on what in this database, without columns. Columns: those of DependencyRow.
-- Servers: 13 and later (13 also has pin rows, which say nothing about users' objects).
SELECT DISTINCT
  dependent.relname AS "catalog",
  d.objid AS "oid",
  d.deptype AS "type",
  referenced.relname AS "referencedCatalog",
  d.refobjid AS "referencedOid"
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_class AS dependent ON dependent.oid = d.classid
JOIN pg_catalog.pg_class AS referenced ON referenced.oid = d.refclassid
WHERE d.deptype <> 'p' AND d.objid >= 16384
  AND (d.refobjid >= 16384 OR d.deptype = 'e')
  AND (d.classid, d.objid) IS DISTINCT FROM (d.refclassid, d.refobjid)
