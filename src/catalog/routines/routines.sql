-- Purpose: functions and procedures (aggregates are another kind), complete with SET clauses and body.
-- Columns: oid, schema, name, owner, procedure (boolean), arguments (as ALTER and DROP want them), argumentTypes (the
--   input types, unique within schema and name), definition (CREATE OR REPLACE, no semicolon).
-- Servers: 13 and later. Those with an internal dependency belong to a range type.
SELECT
  p.oid,
  n.nspname AS "schema",
  p.proname AS "name",
  pg_catalog.pg_get_userbyid(p.proowner) AS "owner",
  p.prokind = 'p' AS "procedure",
  pg_catalog.pg_get_function_identity_arguments(p.oid) AS "arguments",
  pg_catalog.oidvectortypes(p.proargtypes) AS "argumentTypes",
  pg_catalog.pg_get_functiondef(p.oid) AS "definition"
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.prokind <> 'a'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid AND m.deptype IN ('e', 'i')
  )
