-- Purpose: what decides how a table is read through masks, and what masked rows must still satisfy. Names as the
--          catalogue has them; expressions as the server writes them for a query over the table alone.
-- Columns: those of TraitsRow (traits.ts). Servers: 13 and later; NULLS NOT DISTINCT from 15.
WITH RECURSIVE
  base (oid, base, length) AS (
    SELECT t.oid, t.oid, -1 FROM pg_catalog.pg_type AS t WHERE t.typtype <> 'd'
    UNION ALL
    SELECT t.oid, base.base, CASE WHEN base.length = -1 THEN t.typtypmod ELSE base.length END
    FROM base JOIN pg_catalog.pg_type AS t ON t.typtype = 'd' AND t.typbasetype = base.oid
  ),
  ancestor (relation, oid) AS (
    SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits
    UNION
    SELECT ancestor.relation, i.inhparent FROM ancestor JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = ancestor.oid
  )
SELECT
  c.oid::text AS "oid",
  n.nspname AS "schema",
  c.relname AS "name",
  c.relkind = 'p' AS "partitioned",
  pg_catalog.obj_description(c.oid, 'pg_class') AS "comment",
  ARRAY(SELECT ancestor.oid::text FROM ancestor WHERE ancestor.relation = c.oid) AS "ancestors",
  ARRAY(
    SELECT DISTINCT key.attname::text
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = d.objid
    JOIN pg_catalog.pg_attribute AS key ON key.attrelid = d.objid AND key.attnum = d.objsubid
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.refobjid = d.objid AND d.refobjsubid = 0 AND d.objsubid > 0 AND d.deptype = 'i'
      AND (d.objid = c.oid OR d.objid IN (SELECT ancestor.oid FROM ancestor WHERE ancestor.relation = c.oid))
  ) AS "partitionKey",
  (
    SELECT pg_catalog.json_agg(
      pg_catalog.json_build_object(
        'name', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'base', CASE WHEN bn.nspname = 'pg_catalog' OR b.typname = 'citext' THEN b.typname ELSE pg_catalog.format_type(b.oid, NULL) END,
        'domain', t.typtype = 'd',
        'length', CASE
          WHEN b.oid NOT IN ('pg_catalog.varchar'::regtype, 'pg_catalog.bpchar'::regtype) THEN NULL
          WHEN a.atttypmod > 4 THEN a.atttypmod - 4
          WHEN base.length > 4 THEN base.length - 4
        END,
        'notNull', a.attnotnull OR t.typnotnull,
        'identity', a.attidentity <> '',
        'comment', pg_catalog.col_description(c.oid, a.attnum),
        'generated', CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
        'from', CASE WHEN a.attgenerated <> '' THEN ARRAY(
          SELECT DISTINCT f.attname FROM pg_catalog.pg_depend AS on_column
          JOIN pg_catalog.pg_attribute AS f ON f.attrelid = c.oid AND f.attnum = on_column.refobjsubid
          WHERE on_column.refclassid = 'pg_catalog.pg_class'::regclass AND on_column.refobjid = c.oid
            AND f.attnum <> a.attnum
            AND (
              (on_column.classid = 'pg_catalog.pg_attrdef'::regclass AND on_column.objid = d.oid)
              OR (on_column.classid = 'pg_catalog.pg_class'::regclass AND on_column.objid = c.oid AND on_column.objsubid = a.attnum)
            )
        ) ELSE '{}' END
      ) ORDER BY a.attnum
    )
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    JOIN base ON base.oid = a.atttypid
    JOIN pg_catalog.pg_type AS b ON b.oid = base.base
    JOIN pg_catalog.pg_namespace AS bn ON bn.oid = b.typnamespace
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  ) AS "columns",
  (
    SELECT pg_catalog.json_agg(
      pg_catalog.json_build_object(
        'name', ic.relname,
        'exclusion', i.indisexclusion,
        'columns', ARRAY(
          SELECT a.attname FROM pg_catalog.pg_attribute AS a
          WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
        ),
        'expressions', i.indexprs IS NOT NULL,
        'keys', ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false) FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k),
        'predicate', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
        'nullsEqual', i.indnullsnotdistinct -- [>= 15]
        'nullsEqual', false -- [< 15]
      ) ORDER BY ic.relname
    )
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
    WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion) AND i.indisvalid AND NOT ic.relispartition
  ) AS "uniques",
  (
    SELECT pg_catalog.json_agg(
      pg_catalog.json_build_object(
        'name', k.conname,
        'columns', ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey)),
        'expression', pg_catalog.pg_get_expr(k.conbin, k.conrelid)
      ) ORDER BY k.conname
    )
    FROM pg_catalog.pg_constraint AS k
    WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated
  ) AS "checks"
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname !~ '^multiboard_sync_(undo|staged)_'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
