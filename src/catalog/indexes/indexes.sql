-- Purpose: indexes that no constraint owns. Columns: those of IndexRow. Servers: 13 and later; NULLS NOT
-- DISTINCT from 15.
-- Nothing without: indexes.
SELECT
  i.indexrelid AS "oid",
  n.nspname AS "schema",
  c.relname AS "name",
  t.oid AS "table",
  t.relkind AS "relkind",
  tn.nspname AS "tableSchema",
  t.relname AS "tableName",
  pg_catalog.pg_get_indexdef(i.indexrelid) AS "definition",
  -- An index of a partitioned table is not valid until every partition has its part.
  i.indisready AND (i.indisvalid OR t.relkind = 'p') AS "valid",
  i.indisclustered AS "clustered",
  i.indisreplident AS "replicaIdentity",
  ts.spcname AS "tablespace",
  i.indnullsnotdistinct AS "nullsNotDistinct", -- [>= 15]
  false AS "nullsNotDistinct", -- [< 15]
  EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = i.indexrelid) AS "attached"
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = c.reltablespace
WHERE t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS k
    WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
  )
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  )
