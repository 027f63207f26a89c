-- Purpose: foreign keys over tables whose rows a merge changes, whose other end holds rows that it does not take from
--          the source. They do not act by themselves meanwhile.
-- Parameters: $1 text[] qualified names of tables whose rows are the source's, $2 text[] of those of them, and of
--          emptied ones, in which something changes. Columns: name, child, parent (qualified, for statements),
--          "childName", "parentName" (for people), pairs (column of the child, of the parent, operator, in order),
--          full boolean (MATCH FULL), period boolean, changed integer[] (places in $2 of tables that are the child, or
--          parts of it). Servers: 13 and later.
WITH same (oid) AS (
  SELECT w.name::regclass::oid FROM unnest($1::text[]) AS w (name)
),
-- A partitioned table if all its partitions are.
alike (oid) AS (
  SELECT oid FROM same
  UNION
  SELECT a.relid::oid
  FROM same AS s, pg_catalog.pg_partition_ancestors(s.oid) AS a (relid)
  WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_partition_tree(a.relid) AS t
    WHERE t.isleaf AND t.relid::oid NOT IN (SELECT oid FROM same)
  )
),
named (at, oid) AS (
  SELECT w.at::integer, w.name::regclass::oid FROM unnest($2::text[]) WITH ORDINALITY AS w (name, at)
),
changed (at, oid) AS (
  SELECT at, oid FROM named
  UNION
  SELECT n.at, a.relid::oid FROM named AS n, pg_catalog.pg_partition_ancestors(n.oid) AS a (relid)
  UNION
  SELECT n.at, t.relid::oid FROM named AS n, pg_catalog.pg_partition_tree(n.oid) AS t
)
SELECT
  k.conname::text AS name,
  -- A key is about a table's own rows, not those of tables that inherit from it.
  pg_catalog.format(CASE c.relkind WHEN 'p' THEN '%I.%I' ELSE 'ONLY %I.%I' END, cn.nspname, c.relname) AS child,
  pg_catalog.format(CASE p.relkind WHEN 'p' THEN '%I.%I' ELSE 'ONLY %I.%I' END, pn.nspname, p.relname) AS parent,
  cn.nspname || '.' || c.relname AS "childName",
  pn.nspname || '.' || p.relname AS "parentName",
  (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'child', ca.attname, 'parent', pa.attname,
      'equals', pg_catalog.format('OPERATOR(%I.%s)', opn.nspname, o.oprname)
    ) ORDER BY u.n)
    FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY AS u (child, parent, op, n)
    JOIN pg_catalog.pg_attribute AS ca ON ca.attrelid = k.conrelid AND ca.attnum = u.child
    JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent
    JOIN pg_catalog.pg_operator AS o ON o.oid = u.op
    JOIN pg_catalog.pg_namespace AS opn ON opn.oid = o.oprnamespace
  ) AS pairs,
  k.confmatchtype = 'f' AS "full",
  COALESCE((pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean, false) AS period,
  ARRAY(SELECT DISTINCT x.at FROM changed AS x WHERE x.oid = k.conrelid) AS changed
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f' AND k.convalidated AND k.conparentid = 0
  AND COALESCE((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true)
  AND (k.conrelid IN (SELECT oid FROM changed) OR k.confrelid IN (SELECT oid FROM changed))
  AND NOT (k.conrelid IN (SELECT oid FROM alike) AND k.confrelid IN (SELECT oid FROM alike))
ORDER BY cn.nspname, c.relname, k.conname
