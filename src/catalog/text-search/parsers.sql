-- Purpose: text search parsers. Columns: those of ParserRow; functions come as schema and name. Servers: 13 and later.
-- Nothing without: text search parsers.
WITH named AS NOT MATERIALIZED (
  SELECT f.oid, ARRAY[n.nspname, f.proname]::text[] AS name
  FROM pg_catalog.pg_proc AS f
  JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
)
SELECT
  p.oid AS "oid",
  n.nspname AS "schema",
  p.prsname AS "name",
  start.name AS "start",
  token.name AS "getToken",
  finish.name AS "end",
  headline.name AS "headline",
  types.name AS "lexTypes"
FROM pg_catalog.pg_ts_parser AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.prsnamespace
JOIN named AS start ON start.oid = p.prsstart
JOIN named AS token ON token.oid = p.prstoken
JOIN named AS finish ON finish.oid = p.prsend
JOIN named AS types ON types.oid = p.prslextype
LEFT JOIN named AS headline ON headline.oid = p.prsheadline
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_ts_parser'::regclass AND m.objid = p.oid AND m.deptype = 'e'
  )
