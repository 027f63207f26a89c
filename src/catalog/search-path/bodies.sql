-- Purpose: what may be called by its plain name, and the bodies in which such names stand. Columns: those of
-- RoutineRow. Servers: 13 and later (bodies that the server has parsed from 14).
SELECT
  p.oid,
  n.nspname AS "schema",
  p.proname AS "name",
  pg_catalog.oidvectortypes(p.proargtypes) AS "argumentTypes",
  -- Its own path holds for all that it calls.
  EXISTS (SELECT FROM unnest(p.proconfig) AS c (setting) WHERE pg_catalog.starts_with(c.setting, 'search_path=')) AS "setsPath",
  CASE
    WHEN p.prokind = 'a' OR l.lanname IN ('c', 'internal') THEN 'none'
    WHEN p.prosqlbody IS NOT NULL THEN 'none' -- [>= 14]
    WHEN l.lanname IN ('sql', 'plpgsql') THEN 'text'
    ELSE 'unknown'
  END AS "body",
  CASE WHEN l.lanname IN ('sql', 'plpgsql') THEN p.prosrc ELSE '' END AS "source",
  p.proargtypes::oid[] || COALESCE(p.proallargtypes, '{}') || p.prorettype AS "types",
  p.proargtypes::oid[] AS "arguments",
  p.prorettype AS "result",
  COALESCE(p.proargnames, '{}') AS "argumentNames",
  COALESCE(p.proallargtypes, p.proargtypes::oid[]) AS "namedTypes",
  -- May be called like a field of its argument.
  p.pronargs = 1 AND EXISTS (
    SELECT FROM pg_catalog.pg_type AS t WHERE t.oid = p.proargtypes[0] AND t.typtype = 'c'
  ) AS "ofRow",
  -- Of any type: what it is about shows only when it is called.
  EXISTS (
    SELECT FROM unnest(p.proargtypes::oid[] || p.prorettype) AS a (type)
    JOIN pg_catalog.pg_type AS t ON t.oid = a.type
    WHERE t.typtype = 'p' AND (t.typname ~ '^any' OR t.typname = 'trigger')
  ) AS "anyType",
  EXISTS (
    SELECT FROM pg_catalog.pg_proc AS own
    WHERE own.proname = p.proname AND own.pronamespace = 'pg_catalog'::regnamespace AND own.oid < 16384
  ) AS "builtIn"
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE p.oid >= 16384
