-- Purpose: columns and primary keys of kept tables of which a merge changes rows.
-- Parameters: $1 text[] qualified names, of plain tables or roots of partitions. Columns: at integer (place in $1, from
--          1), columns text[] (all but those that the server computes), key text[] (empty without a primary key).
-- Servers: 13 and later.
SELECT
  w.at::integer AS at,
  ARRAY(
    SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY a.attnum
  ) AS columns,
  ARRAY(
    SELECT a.attname::text
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = c.oid AND i.indisprimary
    ORDER BY a.attnum
  ) AS key
FROM unnest($1::text[]) WITH ORDINALITY AS w (name, at)
JOIN pg_catalog.pg_class AS c ON c.oid = w.name::regclass
ORDER BY w.at
