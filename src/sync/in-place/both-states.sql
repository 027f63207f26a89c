-- Purpose: the statements that move functions and types from some schemas into others.
-- Parameters: $1 text[] ids (kind:oid), $2 text[] schemas, $3 text[] where to, by position. Columns: sql text.
--             Servers: 13 and later.
WITH ids AS (
  SELECT pg_catalog.regexp_replace(i.id, ':\d+$', '') AS kind, pg_catalog.substring(i.id, '(\d+)$')::oid AS oid
  FROM pg_catalog.unnest($1::text[]) AS i (id)
), named AS (
  SELECT t.typnamespace AS namespace, 'TYPE ' || t.oid::regtype::text AS name
  FROM ids AS i JOIN pg_catalog.pg_type AS t ON t.oid = i.oid
  WHERE i.kind IN ('enum', 'domain', 'composite type')
  UNION ALL
  SELECT p.pronamespace, 'ROUTINE ' || p.oid::regprocedure::text
  FROM ids AS i JOIN pg_catalog.pg_proc AS p ON p.oid = i.oid
  WHERE i.kind NOT IN ('enum', 'domain', 'composite type')
)
SELECT pg_catalog.format('ALTER %s SET SCHEMA %I', named.name, moves.target) AS sql
FROM named
JOIN pg_catalog.pg_namespace AS n ON n.oid = named.namespace
JOIN unnest($2::text[], $3::text[]) AS moves (source, target) ON moves.source = n.nspname
-- What takes a type as an argument is named by it.
ORDER BY named.name LIKE 'TYPE %'
