-- Purpose: deferrable unique, primary key and exclusion constraints of tables whose rows a merge changes. The server
--          checks them by a trigger of its own (unique_key_recheck), which does not act meanwhile.
-- Parameters: $1 text[] qualified names of plain tables, partitions or roots. Columns: name, "table" (qualified, for
--          statements), "tableName" (for people), parts (each column: expr, how it is compared, as an operator, and
--          whether two NULLs are the same), condition (of the rows it is about; null: all). One row a partition.
-- Servers: 13 and later.
WITH RECURSIVE tree (oid) AS (
  SELECT w.name::regclass::oid FROM unnest($1::text[]) AS w (name)
  UNION
  SELECT i.inhrelid
  FROM tree AS t
  JOIN pg_catalog.pg_class AS up ON up.oid = t.oid AND up.relkind = 'p'
  JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
)
SELECT
  k.conname::text AS name,
  pg_catalog.format('%I.%I', cn.nspname, c.relname) AS "table",
  cn.nspname || '.' || c.relname AS "tableName",
  (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'expr', pg_catalog.pg_get_indexdef(i.indexrelid, u.n::integer, false)
        || CASE WHEN col.oid IS NULL THEN '' ELSE pg_catalog.format(' COLLATE %I.%I', coln.nspname, col.collname) END,
      'compared', pg_catalog.format('OPERATOR(%I.%s)', opn.nspname, o.oprname),
      'nulls', k.contype <> 'x' AND COALESCE((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
    ) ORDER BY u.n)
    FROM unnest(i.indclass::oid[], i.indcollation::oid[]) WITH ORDINALITY AS u (opclass, coll, n)
    JOIN pg_catalog.pg_opclass AS oc ON oc.oid = u.opclass
    LEFT JOIN pg_catalog.pg_amop AS am ON k.conexclop IS NULL AND am.amopfamily = oc.opcfamily
      AND am.amoplefttype = oc.opcintype AND am.amoprighttype = oc.opcintype AND am.amopstrategy = 3
    JOIN pg_catalog.pg_operator AS o ON o.oid = COALESCE(k.conexclop[u.n], am.amopopr)
    JOIN pg_catalog.pg_namespace AS opn ON opn.oid = o.oprnamespace
    LEFT JOIN pg_catalog.pg_collation AS col ON col.oid = u.coll
    LEFT JOIN pg_catalog.pg_namespace AS coln ON coln.oid = col.collnamespace
    WHERE u.n <= i.indnkeyatts
  ) AS parts,
  pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS condition
FROM tree AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.oid AND c.relkind = 'r'
JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid AND NOT i.indimmediate
JOIN pg_catalog.pg_constraint AS k ON k.conindid = i.indexrelid AND k.conrelid = c.oid
  AND k.contype IN ('u', 'p', 'x') AND k.condeferrable
ORDER BY cn.nspname, c.relname, k.conname
