-- Purpose: the schemas of a database, without PostgreSQL's own, those that an extension brings, and those that hold
--          nothing but objects of extensions; and whether they belong to the session's role or to the owner of the
--          application's schema ($1), by membership as well. Schema public, which every database has, counts as theirs.
-- Columns: schema text, owner text, ours boolean.
-- Servers: 13 and later. From 15 on, schema public belongs to whoever owns the database (pg_database_owner).
WITH home AS (
  SELECT CASE
    WHEN n.nspname = 'public' OR pg_catalog.pg_get_userbyid(n.nspowner) = 'pg_database_owner' THEN d.datdba
    ELSE n.nspowner
  END AS owner
  FROM pg_catalog.pg_database AS d
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = $1
  WHERE d.datname = pg_catalog.current_database()
), relations AS (
  SELECT 'pg_catalog.pg_class'::regclass AS catalog, oid, relnamespace AS namespace FROM pg_catalog.pg_class
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::regclass, oid, pronamespace FROM pg_catalog.pg_proc
  UNION ALL
  SELECT 'pg_catalog.pg_type'::regclass, oid, typnamespace FROM pg_catalog.pg_type
    WHERE typrelid = 0 AND typelem = 0
), placed AS (
  SELECT r.namespace, EXISTS (
    SELECT FROM pg_catalog.pg_depend AS e
    WHERE e.classid = r.catalog AND e.objid = r.oid AND e.deptype = 'e'
  ) AS member
  FROM relations AS r
  WHERE r.oid >= 16384
), members AS (
  SELECT DISTINCT namespace FROM placed WHERE member
), others AS (
  SELECT DISTINCT namespace FROM placed WHERE NOT member
)
SELECT
  n.nspname AS schema,
  pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
  n.nspname = 'public'
    OR pg_catalog.pg_has_role(n.nspowner, 'USAGE')
    OR EXISTS (SELECT FROM home WHERE pg_catalog.pg_has_role(home.owner, n.nspowner, 'USAGE')) AS ours
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS e
    WHERE e.classid = 'pg_catalog.pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e'
  )
  AND NOT (
    EXISTS (SELECT FROM members WHERE members.namespace = n.oid)
    AND NOT EXISTS (SELECT FROM others WHERE others.namespace = n.oid)
  )
ORDER BY n.nspname COLLATE "C"
