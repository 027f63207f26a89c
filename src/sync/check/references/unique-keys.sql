-- Purpose: whether a foreign key can refer to columns of a table: an index that is unique over exactly these, in any
-- order. Parameters: $1 text schema, $2 text name, $3 text[] columns, sorted by their bytes. Column: unique bool.
-- Servers: 13 and later.
SELECT EXISTS (
  SELECT FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2
    AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
    AND $3::text[] = ARRAY(
      SELECT a.attname::text COLLATE "C"
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS key (attnum, position)
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
      WHERE key.position <= i.indnkeyatts ORDER BY 1
    )
) AS "unique"
