-- Purpose: schemas of publications: every table in them, also later ones. Columns: those of PublicationSchemaRow.
-- Servers: 15 and later.
-- Nothing without: publications.
SELECT
  s.oid,
  p.oid AS "publicationOid",
  p.pubname AS "publication",
  n.oid AS "schemaOid",
  n.nspname AS "schema",
  EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_namespace'::regclass AND m.objid = n.oid AND m.deptype = 'e'
  ) AS "ofExtension"
FROM pg_catalog.pg_publication_namespace AS s
JOIN pg_catalog.pg_publication AS p ON p.oid = s.pnpubid
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.pnnspid
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS m
  WHERE m.classid = 'pg_catalog.pg_publication'::regclass AND m.objid = p.oid AND m.deptype = 'e'
)
