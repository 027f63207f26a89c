-- Purpose: whether a foreign key with PERIOD can refer to columns of a table: a primary key or unique constraint
-- WITHOUT OVERLAPS over exactly these, whose last column is the one of the period, and that is not deferrable.
-- Parameters: $1 text schema, $2 text name, $3 text[] columns, sorted by their bytes, $4 text column of the period.
-- Column: unique bool. Servers: 13 and later; before 18 there are none (and no column `conperiod`).
SELECT EXISTS (
  SELECT FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2
    AND k.contype IN ('p', 'u') AND NOT k.condeferrable
    AND (pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean IS TRUE
    AND $3::text[] = ARRAY(
      SELECT a.attname::text COLLATE "C"
      FROM unnest(k.conkey) AS key (attnum)
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = key.attnum
      ORDER BY 1
    )
    AND $4 = (
      SELECT a.attname::text
      FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[pg_catalog.array_upper(k.conkey, 1)]
    )
) AS "unique"
