-- Purpose: names of catalog rows for people. Parameters: $1 text[] catalogs, $2 oid[] OIDs (of equal length).
-- Columns: catalog, oid, identity. Servers: 13 and later.
SELECT
  subject.catalog AS "catalog",
  subject.oid AS "oid",
  pg_catalog.pg_describe_object(('pg_catalog.' || subject.catalog)::regclass, subject.oid, 0) AS "identity"
FROM pg_catalog.unnest($1::text[], $2::oid[]) AS subject (catalog, oid)
