-- Purpose: the columns of one table, as a document is made of them.
-- Columns: name; type (its name; of a domain, that of the type below it; of an array, that of its elements);
--          typeSchema; kind (typtype of that type); isArray; required (NOT NULL); modifier (atttypmod); key (position
--          in the primary key, from 1; NULL outside it).
-- Parameters: OID of the table. Servers: 13 and later.
WITH RECURSIVE bases AS (
  SELECT t.oid AS "of", t.oid, t.typbasetype, t.typtype FROM pg_catalog.pg_type AS t
  UNION ALL
  SELECT b."of", t.oid, t.typbasetype, t.typtype
  FROM bases AS b
  JOIN pg_catalog.pg_type AS t ON t.oid = b.typbasetype
  WHERE b.typtype = 'd'
)
SELECT
  a.attname AS "name",
  v.typname AS "type",
  n.nspname AS "typeSchema",
  v.typtype AS "kind",
  e."of" IS NOT NULL AS "isArray",
  a.attnotnull AS "required",
  a.atttypmod AS "modifier",
  pg_catalog.array_position(k.conkey, a.attnum) AS "key"
FROM pg_catalog.pg_attribute AS a
JOIN bases AS b ON b."of" = a.atttypid AND b.typtype <> 'd'
JOIN pg_catalog.pg_type AS t ON t.oid = b.oid
LEFT JOIN bases AS e ON t.typcategory = 'A' AND e."of" = t.typelem AND e.typtype <> 'd'
JOIN pg_catalog.pg_type AS v ON v.oid = COALESCE(e.oid, t.oid)
JOIN pg_catalog.pg_namespace AS n ON n.oid = v.typnamespace
LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'p'
WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
