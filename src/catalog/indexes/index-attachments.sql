-- Purpose: which index of a partition belongs to which partitioned index, constraints' indexes included.
-- Columns: those of AttachmentRow. Servers: 13 and later.
-- Nothing without: indexes of partitions.
SELECT
  h.inhrelid AS "child",
  cn.nspname AS "childSchema",
  c.relname AS "childName",
  ct.indrelid AS "childTable",
  h.inhparent AS "parent",
  pn.nspname AS "parentSchema",
  p.relname AS "parentName",
  pt.indrelid AS "parentTable"
FROM pg_catalog.pg_inherits AS h
JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid
JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_index AS ct ON ct.indexrelid = h.inhrelid
JOIN pg_catalog.pg_class AS p ON p.oid = h.inhparent
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
JOIN pg_catalog.pg_index AS pt ON pt.indexrelid = h.inhparent
WHERE p.relkind = 'I'
  AND cn.nspname !~ '^pg_' AND cn.nspname <> 'information_schema'
