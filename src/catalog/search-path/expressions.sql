-- Purpose: expressions, as the server has stored them, of objects that use operators made by users or extensions,
-- where the text of the expression may leave an operator out that it uses. Columns: those of ExpressionRow. Servers:
-- 13 and later (bodies of functions and statistics from 14). Filters of publications may use built-in operators only.
-- Nothing without: operators of any schema.
WITH direct AS (
  SELECT DISTINCT d.classid, d.objid
  FROM pg_catalog.pg_depend AS d
  WHERE d.refclassid = 'pg_catalog.pg_operator'::regclass AND d.refobjid >= 16384 AND d.objid >= 16384
),
-- Tables and domains whose one statement holds several expressions: a path for one of them is the path of all.
holder AS (
  SELECT c.conrelid AS relation, c.contypid AS domain
  FROM direct AS d
  JOIN pg_catalog.pg_constraint AS c ON d.classid = 'pg_catalog.pg_constraint'::regclass AND c.oid = d.objid
  UNION
  SELECT a.adrelid, 0
  FROM direct AS d
  JOIN pg_catalog.pg_attrdef AS a ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND a.oid = d.objid
  UNION
  SELECT d.objid, 0 FROM direct AS d WHERE d.classid = 'pg_catalog.pg_class'::regclass
  UNION
  SELECT 0, d.objid FROM direct AS d WHERE d.classid = 'pg_catalog.pg_type'::regclass
),
needing AS (
  SELECT d.classid, d.objid FROM direct AS d
  UNION
  SELECT 'pg_catalog.pg_constraint'::regclass, c.oid
  FROM holder AS h
  JOIN pg_catalog.pg_constraint AS c ON c.conrelid = h.relation AND c.contypid = h.domain AND c.contype = 'c'
  UNION
  SELECT 'pg_catalog.pg_attrdef'::regclass, a.oid
  FROM holder AS h
  JOIN pg_catalog.pg_attrdef AS a ON a.adrelid = h.relation
  UNION
  SELECT 'pg_catalog.pg_type'::regclass, h.domain FROM holder AS h WHERE h.domain <> 0
),
expression AS (
  SELECT 'pg_catalog.pg_rewrite'::regclass AS class, r.oid, 1 AS place, r.ev_qual::text AS tree
  FROM pg_catalog.pg_rewrite AS r
  UNION ALL
  SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid, 2, r.ev_action::text FROM pg_catalog.pg_rewrite AS r
  UNION ALL
  SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, 1, c.conbin::text FROM pg_catalog.pg_constraint AS c
  UNION ALL
  SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, 1, i.indexprs::text FROM pg_catalog.pg_index AS i
  UNION ALL
  SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, 2, i.indpred::text FROM pg_catalog.pg_index AS i
  UNION ALL
  SELECT 'pg_catalog.pg_class'::regclass, p.partrelid, 1, p.partexprs::text FROM pg_catalog.pg_partitioned_table AS p
  UNION ALL
  SELECT 'pg_catalog.pg_attrdef'::regclass, a.oid, 1, a.adbin::text FROM pg_catalog.pg_attrdef AS a
  UNION ALL
  SELECT 'pg_catalog.pg_type'::regclass, t.oid, 1, t.typdefaultbin::text FROM pg_catalog.pg_type AS t
  UNION ALL
  SELECT 'pg_catalog.pg_trigger'::regclass, t.oid, 1, t.tgqual::text FROM pg_catalog.pg_trigger AS t
  UNION ALL
  SELECT 'pg_catalog.pg_policy'::regclass, p.oid, 1, p.polqual::text FROM pg_catalog.pg_policy AS p
  UNION ALL
  SELECT 'pg_catalog.pg_policy'::regclass, p.oid, 2, p.polwithcheck::text FROM pg_catalog.pg_policy AS p
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 1, p.proargdefaults::text FROM pg_catalog.pg_proc AS p
  UNION ALL -- [>= 14]
  SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 2, p.prosqlbody::text FROM pg_catalog.pg_proc AS p -- [>= 14]
  UNION ALL -- [>= 14]
  SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid, 1, s.stxexprs::text FROM pg_catalog.pg_statistic_ext AS s -- [>= 14]
)
SELECT c.relname AS "catalog", e.oid, e.tree
FROM needing AS n
JOIN expression AS e ON e.class = n.classid AND e.oid = n.objid
JOIN pg_catalog.pg_class AS c ON c.oid = n.classid
-- Constructs in whose text an operator's schema, or the whole operator, does not stand.
WHERE e.tree ~ '[{](CASE(EXPR)?|DISTINCTEXPR|NULLIFEXPR|ROWCOMPARE(EXPR)?|SUBLINK) |:usingClause [(]'
ORDER BY c.relname, e.oid, e.place
