-- Purpose: casts that somebody made, also those between types that come with every database. Columns: those of
-- CastRow. Servers: 13 and later. From 14 on each range type has a cast to its multirange, which comes along with it
-- (deptype i).
-- Nothing without: casts.
SELECT
  c.oid,
  pg_catalog.format_type(c.castsource, NULL) AS "source",
  pg_catalog.format_type(c.casttarget, NULL) AS "target",
  c.castmethod AS "method",
  c.castcontext AS "context",
  fn.nspname AS "functionSchema",
  f.proname AS "functionName",
  pg_catalog.oidvectortypes(f.proargtypes) AS "functionArguments",
  NOT EXISTS (
    SELECT FROM pg_catalog.pg_type AS t
    WHERE t.oid IN (c.castsource, c.casttarget) AND t.oid >= 16384
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS m
        WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.deptype = 'e'
          AND m.objid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END
      )
  ) AS "foreignTypes"
FROM pg_catalog.pg_cast AS c
LEFT JOIN pg_catalog.pg_proc AS f ON f.oid = c.castfunc
LEFT JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.pronamespace
WHERE c.oid >= 16384
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_cast'::regclass AND m.objid = c.oid AND m.deptype IN ('e', 'i')
  )
