-- Purpose: tables of publications. Columns: those of PublicationTableRow. Servers: 13 and later; lists of columns and
-- conditions exist from 15. A list keeps the order of the table's columns.
-- Nothing without: publications.
SELECT
  r.oid,
  p.oid AS "publicationOid",
  p.pubname AS "publication",
  c.oid AS "table",
  n.nspname AS "schema",
  c.relname AS "name",
  ARRAY(
    SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs) -- [>= 15]
    WHERE false -- [< 15]
    ORDER BY a.attnum
  ) AS "columns",
  pg_catalog.pg_get_expr(r.prqual, r.prrelid) AS "condition", -- [>= 15]
  NULL::text AS "condition", -- [< 15]
  EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  ) AS "ofExtension"
FROM pg_catalog.pg_publication_rel AS r
JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS m
  WHERE m.classid = 'pg_catalog.pg_publication'::regclass AND m.objid = p.oid AND m.deptype = 'e'
)
