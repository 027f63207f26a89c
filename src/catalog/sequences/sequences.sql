-- Purpose: sequences, with the column that owns them. Columns: those of SequenceRow. Servers: 13 and later; unlogged
-- sequences from 15.
-- The link to a column is a dependency: `a` OWNED BY, `i` identity. From 17 on, partitions show an identity column
-- without owning a sequence, so the column itself tells nothing.
-- Nothing without: sequences.
SELECT
  c.oid,
  n.nspname AS "schema",
  c.relname AS "name",
  pg_catalog.pg_get_userbyid(c.relowner) AS "owner",
  c.relpersistence AS "persistence",
  pg_catalog.format_type(s.seqtypid, NULL) AS "type",
  s.seqstart::text AS "start",
  s.seqincrement::text AS "increment",
  s.seqmin::text AS "minimum",
  s.seqmax::text AS "maximum",
  s.seqcache::text AS "cache",
  s.seqcycle AS "cycle",
  CASE d.deptype WHEN 'i' THEN 'identity' WHEN 'a' THEN 'owned' END AS "link",
  t.oid AS "table",
  t.relkind AS "tableRelkind",
  t.relpersistence AS "tablePersistence", -- [>= 15]
  -- Without a persistence of their own, sequences of unlogged tables are as permanent as others.
  c.relpersistence AS "tablePersistence", -- [< 15]
  tn.nspname AS "tableSchema",
  t.relname AS "tableName",
  a.attname AS "column",
  a.attidentity AS "identity",
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_sequence_privilege(c.oid, 'SELECT') AS "readable"
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = c.oid
LEFT JOIN pg_catalog.pg_depend AS d
  ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class AS t ON t.oid = d.refobjid
LEFT JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S' AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  )
