-- Purpose: extensions that do not come with every new database. Columns: those of ExtensionRow. Servers: 13 and later.
-- OIDs below 16384 are given at initdb (plpgsql). `goesWith`: extensions that the server does not drop while this one
-- is there, because a member of it goes with them (ALTER ... DEPENDS ON EXTENSION).
SELECT
  e.oid, e.extname AS "name", e.extversion AS "version", n.nspname AS "schema",
  (
    SELECT pg_catalog.array_agg(DISTINCT x.refobjid::int8)
    FROM pg_catalog.pg_depend AS m
    JOIN pg_catalog.pg_depend AS x ON x.classid = m.classid AND x.objid = m.objid AND x.deptype = 'x'
    WHERE m.refclassid = 'pg_catalog.pg_extension'::regclass AND m.refobjid = e.oid AND m.deptype = 'e'
      AND x.refclassid = m.refclassid AND x.refobjid <> e.oid AND x.refobjid >= 16384
  ) AS "goesWith"
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.oid >= 16384
