-- Purpose: publications; their tables and schemas are in files of their own. Columns: those of PublicationRow.
-- Servers: 13 and later; what happens to generated columns is said from 18.
-- Nothing without: publications.
SELECT
  p.oid,
  p.pubname AS "name",
  pg_catalog.pg_get_userbyid(p.pubowner) AS "owner",
  p.puballtables AS "allTables",
  p.pubinsert AS "insert",
  p.pubupdate AS "update",
  p.pubdelete AS "delete",
  p.pubtruncate AS "truncate",
  p.pubviaroot AS "viaRoot",
  p.pubgencols = 's' AS "generatedColumns" -- [>= 18]
  false AS "generatedColumns" -- [< 18]
FROM pg_catalog.pg_publication AS p
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS m
  WHERE m.classid = 'pg_catalog.pg_publication'::regclass AND m.objid = p.oid AND m.deptype = 'e'
)
