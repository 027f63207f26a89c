-- Purpose: constraints of tables, NOT NULL ones aside (they come with the columns). Columns: those of ConstraintRow.
-- Servers: 13 and later; NULLS NOT DISTINCT and columns of SET NULL from 15, NOT ENFORCED and WITHOUT OVERLAPS from
-- 18. `definition` is left out for primary keys and unique constraints: it lacks their index's options.
SELECT
  k.oid,
  k.contype AS "type",
  k.conname AS "name",
  k.conrelid AS "table",
  n.nspname AS "schema",
  c.relname AS "tableName",
  c.relkind AS "relkind",
  c.relispartition AS "partition",
  k.conparentid AS "parent",
  k.conislocal AS "local",
  k.convalidated AS "validated",
  k.conenforced AS "enforced", -- [>= 18]
  true AS "enforced", -- [< 18]
  -- A CHECK that may look at other rows: it calls a function of the user's that is not immutable.
  EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_proc AS p ON p.oid = d.refobjid
    WHERE k.contype = 'c' AND d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid
      AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND p.provolatile <> 'i'
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS m
        WHERE m.classid = d.refclassid AND m.objid = p.oid AND m.deptype = 'e'
      )
  ) AS "looksAround",
  k.condeferrable AS "deferrable",
  k.condeferred AS "deferred",
  k.confrelid AS "referenced",
  CASE WHEN k.contype = 'f' THEN (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname,
      'referenced', r.attname,
      -- What the equality takes; the column's own type where it takes any (`anyarray`), and nothing for an enum.
      'type', CASE
        WHEN t.typtype <> 'p' THEN pg_catalog.format_type(t.oid, -1)
        WHEN t.oid <> 'pg_catalog.anyenum'::regtype THEN pg_catalog.format_type(a.atttypid, -1)
      END,
      'equals', pg_catalog.json_build_object('schema', tn.nspname, 'name', o.oprname)
    ) ORDER BY pair.position)
    FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY AS pair (own, other, operator, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = pair.own
    JOIN pg_catalog.pg_attribute AS r ON r.attrelid = k.confrelid AND r.attnum = pair.other
    JOIN pg_catalog.pg_operator AS o ON o.oid = pair.operator
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = o.oprnamespace
    JOIN pg_catalog.pg_type AS t ON t.oid = o.oprright
  ) END AS "references",
  k.confmatchtype = 'f' AS "matchFull",
  k.confdelsetcols IS NOT NULL AS "setsColumns", -- [>= 15]
  false AS "setsColumns", -- [< 15]
  CASE WHEN k.contype IN ('c', 'f', 'x') THEN pg_catalog.pg_get_constraintdef(k.oid) END AS "definition",
  k.conindid AS "index",
  ic.relname AS "indexName",
  ic.reloptions AS "indexOptions",
  ts.spcname AS "tablespace",
  i.indisclustered AS "clustered",
  i.indisreplident AS "replicaIdentity",
  i.indnullsnotdistinct AS "nullsNotDistinct", -- [>= 15]
  false AS "nullsNotDistinct", -- [< 15]
  k.conperiod AS "period", -- [>= 18]
  false AS "period", -- [< 18]
  ARRAY(
    SELECT a.attname::text
    FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS key (attnum, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = key.attnum
    WHERE key.position <= i.indnkeyatts ORDER BY key.position
  ) AS "keyColumns",
  ARRAY(
    SELECT a.attname::text
    FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS key (attnum, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = key.attnum
    WHERE key.position > i.indnkeyatts ORDER BY key.position
  ) AS "includedColumns",
  EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = k.conindid) AS "attached"
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS ic ON ic.oid = k.conindid
LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = ic.reltablespace
WHERE k.contype IN ('p', 'u', 'x', 'c', 'f')
  AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY c.oid, k.conname COLLATE "C"
