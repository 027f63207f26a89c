-- Purpose: what goes when an extension goes (ALTER ... DEPENDS ON EXTENSION), extensions that come with every database
-- included. Columns: those of LinkRow. Servers: 13 and later.
SELECT DISTINCT
  dependent.relname AS "catalog",
  d.objid AS "oid",
  e.extname AS "extension",
  -- An aggregate is only known to this statement as a routine, by the types of its arguments.
  CASE WHEN p.prokind = 'a' THEN ARRAY[n.nspname, p.proname, pg_catalog.oidvectortypes(p.proargtypes)]::text[] END AS "aggregate"
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_class AS dependent ON dependent.oid = d.classid
JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
LEFT JOIN pg_catalog.pg_proc AS p ON d.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = d.objid
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE d.deptype = 'x' AND d.refclassid = 'pg_catalog.pg_extension'::regclass
ORDER BY d.objid, e.extname
