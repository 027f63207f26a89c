-- Purpose: CHECK constraints of domains, in order of name. Columns: oid, domain (OID), name, definition, validated.
-- Servers: 13 and later.
-- Nothing without: domains.
SELECT
  k.oid,
  k.contypid AS "domain",
  k.conname AS "name",
  pg_catalog.pg_get_constraintdef(k.oid) AS "definition",
  k.convalidated AS "validated"
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_namespace AS n ON n.oid = k.connamespace
WHERE k.contypid <> 0 AND k.contype = 'c'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY k.conname COLLATE "C"
