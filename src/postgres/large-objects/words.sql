-- Purpose: comments and security labels of the large objects of a run. Parameters: $1 owner, $2 first and $3 last OID.
-- Columns: oid, provider (null for a comment), text. Servers: 13 and later.
SELECT w.oid AS "oid", w.provider AS "provider", w.text AS "text"
FROM (
  SELECT d.objoid AS oid, NULL::text AS provider, d.description AS text
  FROM pg_catalog.pg_description AS d
  WHERE d.classoid = 'pg_catalog.pg_largeobject'::regclass AND d.objsubid = 0 AND d.objoid BETWEEN $2 AND $3
  UNION ALL
  SELECT l.objoid, l.provider, l.label
  FROM pg_catalog.pg_seclabel AS l
  WHERE l.classoid = 'pg_catalog.pg_largeobject'::regclass AND l.objsubid = 0 AND l.objoid BETWEEN $2 AND $3
) AS w
JOIN pg_catalog.pg_largeobject_metadata AS m ON m.oid = w.oid AND m.lomowner = $1
ORDER BY w.oid, w.provider COLLATE "C" NULLS FIRST
