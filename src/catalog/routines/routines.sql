-- Purpose: functions and procedures (aggregates are another kind). Columns: those of RoutineRow.
-- Servers: 13 and later; bodies that the server has parsed (BEGIN ATOMIC, RETURN) from 14.
-- Those with an internal dependency belong to a range type. `pg_get_functiondef` is not used: it rounds COST and ROWS
-- to six digits.
-- Nothing without: routines.
WITH free AS (
  -- Settings that anyone may put into a function, in the lower case in which they are compared. Names that the server
  -- does not know (my.setting) are for superusers.
  SELECT pg_catalog.lower(s.name) AS name FROM pg_catalog.pg_settings AS s WHERE s.context = 'user'
)
SELECT
  p.oid AS "oid",
  n.nspname AS "schema",
  p.proname AS "name",
  pg_catalog.pg_get_userbyid(p.proowner) AS "owner",
  p.prokind = 'p' AS "procedure",
  p.prokind = 'w' AS "window",
  pg_catalog.pg_get_function_arguments(p.oid) AS "arguments",
  pg_catalog.pg_get_function_identity_arguments(p.oid) AS "identityArguments",
  pg_catalog.oidvectortypes(p.proargtypes) AS "argumentTypes",
  p.prokind = 'p' AND p.proargmodes @> '{o}' AS "outArguments",
  pg_catalog.pg_get_function_result(p.oid) AS "result",
  l.lanname AS "language",
  ARRAY(
    SELECT pg_catalog.format_type(t.type, NULL) FROM unnest(p.protrftypes) WITH ORDINALITY AS t (type, place)
    ORDER BY t.place
  ) AS "transforms",
  p.provolatile AS "volatility",
  p.proisstrict AS "strict",
  p.prosecdef AS "securityDefiner",
  p.proleakproof AS "leakproof",
  p.procost::text AS "cost",
  p.prorows::text AS "rows",
  sn.nspname AS "supportSchema",
  s.proname AS "supportName",
  p.proparallel AS "parallel",
  COALESCE(p.proconfig, '{}') AS "settings",
  p.prosrc AS "source",
  p.probin AS "library",
  pg_catalog.pg_get_function_sqlbody(p.oid) AS "body", -- [>= 14]
  NULL AS "body", -- [< 14]
  -- It calls itself in a parsed body or a default, which only CREATE OR REPLACE can have made.
  EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
      AND d.refclassid = d.classid AND d.refobjid = p.oid
  ) AS "recursive",
  NOT l.lanpltrusted OR p.proleakproof OR s.oid IS NOT NULL OR EXISTS (
    SELECT FROM unnest(p.proconfig) AS c (setting)
    WHERE pg_catalog.lower(pg_catalog.split_part(c.setting, '=', 1)) NOT IN (SELECT free.name FROM free)
  ) AS "superuser"
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
LEFT JOIN pg_catalog.pg_proc AS s ON s.oid = p.prosupport
LEFT JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.pronamespace
WHERE p.prokind <> 'a'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid AND m.deptype IN ('e', 'i')
  )
