-- Purpose: schemas in which merges have kept what their undo needs, with their size; without those of other roles.
-- Parameter: the pattern of their names. Columns: name text, bytes text. Servers: 13 and later.
SELECT
  n.nspname::text AS name,
  COALESCE(pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::text AS bytes
FROM pg_catalog.pg_namespace AS n
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relkind = 'r'
WHERE n.nspname ~ $1 AND pg_catalog.pg_has_role(n.nspowner, 'USAGE')
GROUP BY n.nspname
ORDER BY 1
