-- Purpose: functions that may be part of a loop, because they need more than types: what CREATE wants to know of them
-- before their definition. Columns: those of StubRow. Servers: 13 and later. Bodies that the server has parsed (from
-- 14) may name the function itself. Nothing depends on procedures: only strings can call them.
-- Nothing without: routines.
SELECT
  p.oid,
  n.nspname AS "schema",
  p.proname AS "name",
  p.prokind = 'w' AS "window",
  p.provolatile AS "volatility",
  (
    SELECT COALESCE(pg_catalog.json_agg(
      pg_catalog.json_build_object('mode', COALESCE(a.mode, 'i'), 'name', COALESCE(a.name, ''), 'type', pg_catalog.format_type(a.type, NULL))
      ORDER BY a.position
    ), '[]')
    FROM unnest(COALESCE(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes, p.proargnames)
      WITH ORDINALITY AS a (type, mode, name, position)
    WHERE COALESCE(a.mode, 'i') <> 't'
  ) AS "arguments",
  p.pronargdefaults AS "defaults",
  pg_catalog.oidvectortypes(p.proargtypes) AS "argumentTypes",
  pg_catalog.pg_get_function_result(p.oid) AS "result",
  p.pronamespace AS "schemaOid",
  ARRAY(
    SELECT DISTINCT t.oid
    FROM pg_catalog.unnest(p.proargtypes::oid[] || COALESCE(p.proallargtypes, '{}') || p.prorettype) AS t (oid)
    WHERE t.oid >= 16384
  )::oid[] AS "types",
  EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
      AND d.refclassid = d.classid AND d.refobjid = p.oid
  ) AS "recursive"
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'w')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'n'
      AND d.refclassid NOT IN (
        'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_namespace'::regclass, 'pg_catalog.pg_language'::regclass
      )
  )
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid AND m.deptype IN ('e', 'i')
  )
