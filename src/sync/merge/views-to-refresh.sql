-- Purpose: filled materialized views that read tables or sequences whose contents a merge changes, directly or through
--          views, or that may: by a function of users, whose text says nothing that the server keeps.
-- Parameters: $1 text[] qualified names of what changes: plain tables, partitions or roots, sequences. Columns: schema,
--          name, concurrently boolean (it has an index that lets readers go on). Servers: 13 and later.
WITH RECURSIVE named (oid) AS (
  SELECT pg_catalog.to_regclass(w.name)::oid FROM unnest($1::text[]) AS w (name)
),
down (oid) AS (
  SELECT oid FROM named
  UNION
  SELECT i.inhrelid FROM down AS d JOIN pg_catalog.pg_inherits AS i ON i.inhparent = d.oid
),
read_by (rel, view) AS (
  SELECT d.refobjid, r.ev_class
  FROM pg_catalog.pg_rewrite AS r
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
  WHERE r.ev_type = '1'
  UNION
  SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits AS i
),
unknown (view) AS (
  SELECT r.ev_class
  FROM pg_catalog.pg_rewrite AS r
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
    AND d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
  WHERE r.ev_type = '1' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS e
    WHERE e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'
  )
),
touched (oid) AS (
  SELECT oid FROM down
  UNION
  SELECT view FROM unknown
  UNION
  SELECT b.view FROM touched AS t JOIN read_by AS b ON b.rel = t.oid
)
SELECT
  n.nspname::text AS schema,
  c.relname::text AS name,
  EXISTS (
    SELECT FROM pg_catalog.pg_index AS i
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid
      AND i.indpred IS NULL AND i.indexprs IS NULL
  ) AS concurrently
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND c.relispopulated AND c.oid IN (SELECT oid FROM touched)
