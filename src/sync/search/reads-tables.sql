-- Purpose: whether views read, through whatever other views, one of some tables or a materialized view, or call a
--          function of the user's, which might read anything.
-- Parameters: $1 text[] views as regclass text, $2 text[] schemas and $3 text[] names of the tables. Columns: reads
-- boolean. Servers: 13 and later. Functions of extensions and of the system count as harmless.
WITH RECURSIVE used (classid, objid) AS (
  SELECT d.refclassid, d.refobjid
  FROM pg_catalog.unnest($1::text[]) AS v (name)
  JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = v.name::regclass
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
  UNION
  SELECT d.refclassid, d.refobjid
  FROM used AS u
  JOIN pg_catalog.pg_rewrite AS r ON u.classid = 'pg_catalog.pg_class'::regclass AND r.ev_class = u.objid
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
)
SELECT EXISTS (
  SELECT
  FROM used AS u
  JOIN pg_catalog.pg_class AS c ON u.classid = 'pg_catalog.pg_class'::regclass AND c.oid = u.objid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind = 'm' OR (n.nspname, c.relname) IN (SELECT * FROM unnest($2::text[], $3::text[]))
) OR EXISTS (
  SELECT
  FROM used AS u
  JOIN pg_catalog.pg_proc AS p ON u.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = u.objid
  WHERE p.oid >= 16384
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
) AS reads
