-- Purpose: extended statistics. Columns: those of StatisticsRow. Servers: 13 and later; expressions from 14.
-- Nothing without: statistics.
SELECT
  s.oid AS "oid",
  n.nspname AS "schema",
  s.stxname AS "name",
  pg_catalog.pg_get_userbyid(s.stxowner) AS "owner",
  c.relkind AS "relkind",
  c.oid AS "table",
  pg_catalog.pg_get_statisticsobjdef(s.oid) AS "definition",
  -- Before 17 -1 is the default, later NULL.
  NULLIF(s.stxstattarget, -1)::int AS "target",
  s.stxexprs IS NOT NULL AS "expressions" -- [>= 14]
  false AS "expressions" -- [< 14]
FROM pg_catalog.pg_statistic_ext AS s
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
JOIN pg_catalog.pg_class AS c ON c.oid = s.stxrelid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_statistic_ext'::regclass AND m.objid = s.oid AND m.deptype = 'e'
  )
