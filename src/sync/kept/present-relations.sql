-- Purpose: the relations that a run in place locks before it begins, by their names alone: the tables that a catalogue
--          lists (CatalogModel.tables), and what is read through or gives numbers: views, partitioned and foreign
--          tables, sequences. Views come before what they read, parents before their partitions.
-- Parameters: $1 text[] ids of objects of the target that are dropped and made again.
-- Columns: oid text, schema text, name text, kind text, owner text, owned boolean (by this role or one that it uses),
--          "ofExtension" boolean, lockable boolean (in any mode), hanging boolean (one of $1, or one of them lies on
--          it). Servers: 13 and later.
WITH again AS (
  SELECT pg_catalog.regexp_replace(ids.id, ':\d+$', '') AS kind, pg_catalog.substring(ids.id, '(\d+)$')::oid AS oid
  FROM pg_catalog.unnest($1::text[]) AS ids (id)
  WHERE ids.id ~ '^[a-z ]+:\d+$'
), hanging AS (
  SELECT a.oid FROM again AS a WHERE a.kind = 'view'
  UNION SELECT p.polrelid FROM pg_catalog.pg_policy AS p JOIN again AS a ON a.kind = 'policy' AND a.oid = p.oid
  UNION SELECT t.tgrelid FROM pg_catalog.pg_trigger AS t JOIN again AS a ON a.kind = 'trigger' AND a.oid = t.oid
  UNION SELECT r.ev_class FROM pg_catalog.pg_rewrite AS r JOIN again AS a ON a.kind = 'rule' AND a.oid = r.oid
  UNION SELECT i.indrelid FROM pg_catalog.pg_index AS i JOIN again AS a ON a.kind = 'index' AND a.oid = i.indexrelid
  UNION SELECT s.stxrelid FROM pg_catalog.pg_statistic_ext AS s
    JOIN again AS a ON a.kind = 'statistics' AND a.oid = s.oid
  UNION SELECT d.adrelid FROM pg_catalog.pg_attrdef AS d JOIN again AS a ON a.kind = 'default' AND a.oid = d.oid
  UNION SELECT c.conrelid FROM pg_catalog.pg_constraint AS c
    JOIN again AS a ON a.kind = 'check constraint' AND a.oid = c.oid
)
SELECT
  c.oid::text AS oid,
  n.nspname AS schema,
  c.relname AS name,
  c.relkind::text AS kind,
  r.rolname::text AS owner,
  pg_catalog.pg_has_role(c.relowner, 'USAGE') AS owned,
  member.is AS "ofExtension",
  pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') AS lockable,
  c.oid IN (SELECT h.oid FROM hanging AS h) AS hanging
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner
CROSS JOIN LATERAL (
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  ) AS is
) AS member
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND n.nspname !~ '^multiboard_sync_(undo|staged)_'
  AND (
    NOT member.is
    -- Of an extension, which asks to have their rows dumped.
    OR c.relkind = 'r' AND EXISTS (
      SELECT FROM pg_catalog.pg_extension AS e WHERE e.oid >= 16384 AND c.oid = ANY (e.extconfig)
    )
  )
ORDER BY
  CASE c.relkind WHEN 'v' THEN 0 WHEN 'm' THEN 0 WHEN 'f' THEN 1 WHEN 'p' THEN 1 WHEN 'r' THEN 2 ELSE 3 END,
  -- A view is younger than what it reads, unless it was replaced since.
  CASE WHEN c.relkind IN ('v', 'm') THEN c.oid END DESC,
  n.nspname COLLATE "C",
  c.relname COLLATE "C"
