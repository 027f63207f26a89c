-- Purpose: the tables whose rows are read under some names now: a table itself, of a tree of partitions its leaves.
-- Parameters: $1 text[] qualified names. Columns: at int (from 1), oid text. Servers: 13 and later.
SELECT wanted.at::int AS at, c.oid::text AS oid
FROM ROWS FROM (pg_catalog.unnest($1::text[])) WITH ORDINALITY AS wanted (name, at)
CROSS JOIN LATERAL (
  SELECT pg_catalog.to_regclass(wanted.name) AS oid
  UNION
  SELECT part.relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(wanted.name)) AS part
) AS present
JOIN pg_catalog.pg_class AS c ON c.oid = present.oid
WHERE c.relkind <> 'p'
