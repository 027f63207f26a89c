-- Purpose: aggregates, plain, ordered-set and hypothetical-set. Columns: those of AggregateRow. Servers: 13 and later.
-- Functions come as schema and name: an aggregate's statement takes no argument types for them.
-- Nothing without: aggregates.
WITH named AS NOT MATERIALIZED (
  SELECT p.oid, ARRAY[n.nspname, p.proname]::text[] AS name
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
)
SELECT
  p.oid AS "oid",
  n.nspname AS "schema",
  p.proname AS "name",
  pg_catalog.pg_get_userbyid(p.proowner) AS "owner",
  pg_catalog.pg_get_function_arguments(p.oid) AS "arguments",
  pg_catalog.oidvectortypes(p.proargtypes) AS "argumentTypes",
  p.proparallel AS "parallel",
  a.aggkind AS "kind",
  state.name AS "stateFunction",
  pg_catalog.format_type(a.aggtranstype, NULL) AS "stateType",
  a.aggtransspace AS "stateSpace",
  a.agginitval AS "initial",
  final.name AS "finalFunction",
  a.aggfinalextra AS "finalExtra",
  a.aggfinalmodify AS "finalModify",
  combine.name AS "combineFunction",
  serial.name AS "serialFunction",
  deserial.name AS "deserialFunction",
  moving_state.name AS "movingStateFunction",
  inverse.name AS "movingInverseFunction",
  pg_catalog.format_type(NULLIF(a.aggmtranstype, 0), NULL) AS "movingStateType",
  a.aggmtransspace AS "movingStateSpace",
  a.aggminitval AS "movingInitial",
  moving_final.name AS "movingFinalFunction",
  a.aggmfinalextra AS "movingFinalExtra",
  a.aggmfinalmodify AS "movingFinalModify",
  sort_schema.nspname AS "sortSchema",
  sort.oprname AS "sortOperator",
  -- A state without an SQL type: PostgreSQL trusts only superusers with it.
  'pg_catalog.internal'::regtype IN (a.aggtranstype, a.aggmtranstype) AS "superuser"
FROM pg_catalog.pg_aggregate AS a
JOIN pg_catalog.pg_proc AS p ON p.oid = a.aggfnoid
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN named AS state ON state.oid = a.aggtransfn
LEFT JOIN named AS final ON final.oid = a.aggfinalfn
LEFT JOIN named AS combine ON combine.oid = a.aggcombinefn
LEFT JOIN named AS serial ON serial.oid = a.aggserialfn
LEFT JOIN named AS deserial ON deserial.oid = a.aggdeserialfn
LEFT JOIN named AS moving_state ON moving_state.oid = a.aggmtransfn
LEFT JOIN named AS inverse ON inverse.oid = a.aggminvtransfn
LEFT JOIN named AS moving_final ON moving_final.oid = a.aggmfinalfn
LEFT JOIN pg_catalog.pg_operator AS sort ON sort.oid = a.aggsortop
LEFT JOIN pg_catalog.pg_namespace AS sort_schema ON sort_schema.oid = sort.oprnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid AND m.deptype = 'e'
  )
