-- Purpose: how many locks dropping what a database holds takes in one transaction: one for each relation, with those of
--          its TOAST, and one for each other object that goes along (row types, constraints, triggers, rules,
--          defaults). Members of extensions are left out of the count: the extension may stay.
-- Columns: dropped int. Servers: 13 and later.
SELECT pg_catalog.count(*)::int AS dropped
FROM (
  SELECT 'pg_catalog.pg_class'::regclass AS classid, c.oid FROM pg_catalog.pg_class AS c WHERE c.relpersistence <> 't'
  UNION ALL SELECT 'pg_catalog.pg_type'::regclass, t.oid FROM pg_catalog.pg_type AS t
  UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass, k.oid FROM pg_catalog.pg_constraint AS k
  UNION ALL SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid FROM pg_catalog.pg_attrdef AS d
  UNION ALL SELECT 'pg_catalog.pg_trigger'::regclass, g.oid FROM pg_catalog.pg_trigger AS g
  UNION ALL SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid FROM pg_catalog.pg_rewrite AS r
  UNION ALL SELECT 'pg_catalog.pg_policy'::regclass, p.oid FROM pg_catalog.pg_policy AS p
  UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, f.oid FROM pg_catalog.pg_proc AS f
) AS row
WHERE row.oid >= 16384
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = row.classid AND m.objid = row.oid AND m.deptype = 'e'
  )
