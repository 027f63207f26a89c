-- Purpose: foreign keys over tables whose rows a merge changes, whose other end holds rows that it does not take from
--          the source. They do not act by themselves meanwhile.
-- Parameters: $1 text[] qualified names of tables whose rows are the source's, $2 text[] of those of them, and of
--          emptied ones, in which something changes: plain tables, partitions or roots. Columns: name, child, parent
--          (qualified, for statements, with ONLY where rows of others would be read as well), "childTable",
--          "parentTable" (schema and name), pairs (column of the child, of the parent, operator, in order), full
--          boolean (MATCH FULL), period boolean, changed and gone integer[] (places in $2 of tables that are the child
--          or the parent, or parts of them).
-- Servers: 13 and later.
WITH RECURSIVE
-- Partitions alone: a table that others inherit from has rows of its own, and keys are about these.
part (root, oid, kind) AS (
  SELECT c.oid, c.oid, c.relkind FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'p', 'f')
  UNION
  SELECT p.root, i.inhrelid, c.relkind
  FROM part AS p
  JOIN pg_catalog.pg_inherits AS i ON p.kind = 'p' AND i.inhparent = p.oid
  JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
),
given (oid) AS (
  SELECT p.oid FROM unnest($1::text[]) AS w (name) JOIN part AS p ON p.root = w.name::regclass::oid
),
-- A tree is alike if all of its partitions are.
alike (oid) AS (
  SELECT p.root FROM part AS p
  GROUP BY p.root
  HAVING bool_and(p.kind = 'p' OR p.oid IN (SELECT g.oid FROM given AS g))
),
written (at, oid) AS (
  SELECT w.at::integer, p.oid
  FROM unnest($2::text[]) WITH ORDINALITY AS w (name, at) JOIN part AS p ON p.root = w.name::regclass::oid
),
changed (at, oid) AS (
  SELECT DISTINCT w.at, p.root FROM written AS w JOIN part AS p ON p.oid = w.oid
),
standing AS (
  SELECT k.* FROM pg_catalog.pg_constraint AS k
  WHERE k.contype = 'f' AND k.convalidated AND COALESCE((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true)
)
SELECT
  k.conname::text AS name,
  CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || pg_catalog.format('%I.%I', cn.nspname, c.relname) AS child,
  CASE p.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || pg_catalog.format('%I.%I', pn.nspname, p.relname) AS parent,
  pg_catalog.json_build_object('schema', cn.nspname, 'name', c.relname) AS "childTable",
  pg_catalog.json_build_object('schema', pn.nspname, 'name', p.relname) AS "parentTable",
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
  ARRAY(SELECT DISTINCT x.at FROM changed AS x WHERE x.oid = k.conrelid) AS changed,
  ARRAY(SELECT DISTINCT x.at FROM changed AS x WHERE x.oid = k.confrelid) AS gone
FROM standing AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
-- A partition has its root's key, and is asked with it, unless that is not validated or not enforced. What a key has
-- for each partition of the table that it refers to is part of that key.
WHERE (
  k.conparentid = 0
  OR EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS up
    WHERE up.oid = k.conparentid AND up.conrelid <> k.conrelid
      AND NOT EXISTS (SELECT FROM standing AS s WHERE s.oid = up.oid)
  )
)
  AND (k.conrelid IN (SELECT oid FROM changed) OR k.confrelid IN (SELECT oid FROM changed))
  AND NOT (k.conrelid IN (SELECT oid FROM alike) AND k.confrelid IN (SELECT oid FROM alike))
ORDER BY cn.nspname, c.relname, k.conname
