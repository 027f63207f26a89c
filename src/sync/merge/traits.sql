-- Purpose: which columns of tables stand in unique indexes, exclusion constraints or are identities that are always
--          generated: what an UPDATE may not simply set.
-- Parameters: $1 text[] qualified names, of plain tables, partitions or roots. Columns: at integer (place in $1, from
--          1), columns text[], "all" boolean (an index on an expression or of some rows: any column may matter).
-- Servers: 13 and later.
WITH wanted AS (
  SELECT w.at, c.oid
  FROM unnest($1::text[]) WITH ORDINALITY AS w (name, at)
  JOIN pg_catalog.pg_class AS c ON c.oid = w.name::regclass
),
tree AS (
  SELECT at, oid AS rel, oid FROM wanted
  UNION
  SELECT w.at, p.relid, w.oid FROM wanted AS w, pg_catalog.pg_partition_tree(w.oid) AS p
)
SELECT
  w.at::integer AS at,
  ARRAY(
    SELECT a.attname::text
    FROM tree AS t
    JOIN pg_catalog.pg_index AS i ON i.indrelid = t.rel AND (i.indisunique OR i.indisexclusion)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.rel AND a.attnum = ANY (i.indkey)
    WHERE t.at = w.at
    UNION
    SELECT a.attname::text
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = w.oid AND a.attidentity = 'a' AND NOT a.attisdropped
  ) AS columns,
  EXISTS (
    SELECT
    FROM tree AS t
    JOIN pg_catalog.pg_index AS i ON i.indrelid = t.rel AND (i.indisunique OR i.indisexclusion)
    WHERE t.at = w.at AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
  ) AS "all"
FROM wanted AS w
