-- Purpose: operators. Columns: those of OperatorRow. Servers: 13 and later; operators with a left argument only exist
-- in
-- 13. Shells (names that only another operator's COMMUTATOR or NEGATOR mentions) have no statement of their own: they
-- come with the operator that mentions them.
-- Nothing without: operators.
WITH named AS NOT MATERIALIZED (
  SELECT p.oid, ARRAY[n.nspname, p.proname]::text[] AS name
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
), operator AS NOT MATERIALIZED (
  SELECT
    o.*, n.nspname AS schema,
    pg_catalog.format_type(NULLIF(o.oprleft, 0), NULL) AS left_type,
    pg_catalog.format_type(NULLIF(o.oprright, 0), NULL) AS right_type
  FROM pg_catalog.pg_operator AS o
  JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
)
SELECT
  o.oid AS "oid",
  o.schema AS "schema",
  o.oprname AS "name",
  pg_catalog.pg_get_userbyid(o.oprowner) AS "owner",
  o.left_type AS "left",
  o.right_type AS "right",
  function.name AS "function",
  CASE WHEN commutator.oid IS NOT NULL THEN ARRAY[commutator.schema, commutator.oprname]::text[] END AS "commutator",
  CASE WHEN negator.oid IS NOT NULL THEN ARRAY[negator.schema, negator.oprname]::text[] END AS "negator",
  commutator.oprcode = 0 AS "commutatorIsShell",
  negator.oprcode = 0 AS "negatorIsShell",
  pg_catalog.array_remove(ARRAY[commutator.oprnamespace, negator.oprnamespace], NULL) AS "partnerSchemas",
  restriction.name AS "restrict",
  join_.name AS "join",
  o.oprcanhash AS "hashes",
  o.oprcanmerge AS "merges",
  -- Estimators of users' own are for superusers (minors since February 2026).
  COALESCE(restriction.oid >= 16384, false) OR COALESCE(join_.oid >= 16384, false) AS "superuser"
FROM operator AS o
JOIN named AS function ON function.oid = o.oprcode
LEFT JOIN named AS restriction ON restriction.oid = o.oprrest
LEFT JOIN named AS join_ ON join_.oid = o.oprjoin
LEFT JOIN operator AS commutator ON commutator.oid = o.oprcom
LEFT JOIN operator AS negator ON negator.oid = o.oprnegate
WHERE o.schema !~ '^pg_' AND o.schema <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_operator'::regclass AND m.objid = o.oid AND m.deptype = 'e'
  )
