-- Purpose: whether this role may give schemas other names for a while, and what would have to move along and cannot.
-- Parameters: $1 text[] schemas. Columns: oid text, schema text, renames boolean, extensions text[] (that have objects
-- in it). Servers: 13 and later.
SELECT
  n.oid::text AS oid,
  n.nspname::text AS schema,
  pg_catalog.pg_has_role(n.nspowner, 'USAGE')
    AND pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS renames,
  ARRAY(
    SELECT DISTINCT e.extname::text
    FROM pg_catalog.pg_extension AS e
    LEFT JOIN pg_catalog.pg_depend AS d
      ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    WHERE e.extnamespace = n.oid
      OR d.classid = 'pg_catalog.pg_class'::regclass
        AND EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = d.objid AND c.relnamespace = n.oid)
      OR d.classid = 'pg_catalog.pg_type'::regclass
        AND EXISTS (SELECT FROM pg_catalog.pg_type AS t WHERE t.oid = d.objid AND t.typnamespace = n.oid)
      OR d.classid = 'pg_catalog.pg_proc'::regclass
        AND EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.oid = d.objid AND p.pronamespace = n.oid)
    ORDER BY 1
  ) AS extensions
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = ANY ($1::text[])
ORDER BY 1
