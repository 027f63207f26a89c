-- Purpose: of some tables, those whose rows tell by themselves who wrote them last, and whose definition nobody has
--          written since a moment: heap tables without columns that are computed as they are read.
-- Parameters: $1 oid[] tables, $2 xid the oldest transaction that had not ended then. Columns: at int (from 1).
-- Servers: 13 and later. A column that is dropped and added anew gives other values to rows that nobody writes; it
-- writes the table's row and its columns' in the catalogue.
SELECT wanted.at::int AS at
FROM ROWS FROM (pg_catalog.unnest($1::oid[])) WITH ORDINALITY AS wanted (oid, at)
JOIN pg_catalog.pg_class AS c ON c.oid = wanted.oid
JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
WHERE c.relkind = 'r' AND m.amname = 'heap'
  AND pg_catalog.age(c.xmin) > pg_catalog.age($2::xid)
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = c.oid AND (pg_catalog.age(a.xmin) <= pg_catalog.age($2::xid) OR a.attgenerated = 'v')
  )
