-- Purpose: tables whose stored values can be so long that a row of them is no COPY line, with the columns that hold
-- such. Parameters: $1, $2 text[] schemas and names; $3 int8 bytes of TOAST below which no value is that long.
-- Columns: schema text, name text, heap int8 as text (bytes read to look), texts text[], bytes text[]. Servers: 13
-- and later.
SELECT
  n.nspname AS schema,
  c.relname AS name,
  pg_catalog.pg_relation_size(c.oid)::text AS heap,
  ARRAY(
    SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      AND t.typcategory = 'S' AND t.typlen = -1
    ORDER BY a.attnum
  ) AS texts,
  ARRAY(
    SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      AND 'pg_catalog.bytea'::regtype IN (t.oid, t.typbasetype)
    ORDER BY a.attnum
  ) AS bytes
FROM unnest($1::text[], $2::text[]) AS asked (schema, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = asked.schema
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = asked.name AND c.reltoastrelid <> 0
WHERE pg_catalog.pg_relation_size(c.reltoastrelid) >= $3::int8
ORDER BY pg_catalog.pg_relation_size(c.oid), n.nspname, c.relname
