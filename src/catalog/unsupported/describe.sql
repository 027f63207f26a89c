-- Purpose: names of catalog rows for people. Parameters: $1 text[] catalogs, $2 oid[] OIDs (of equal length).
-- Columns: catalog, oid, identity, schema (null for what lies in none). Servers: 13 and later. `unnest` of two arrays
--   is syntax: it takes no schema name.
SELECT
  subject.catalog AS "catalog",
  subject.oid AS "oid",
  CASE
    -- The server calls it a function.
    WHEN g.aggfnoid IS NOT NULL THEN 'aggregate ' || subject.oid::regprocedure
    ELSE pg_catalog.pg_describe_object(('pg_catalog.' || subject.catalog)::regclass, subject.oid, 0)
  END AS "identity",
  (pg_catalog.pg_identify_object(('pg_catalog.' || subject.catalog)::regclass, subject.oid, 0)).schema AS "schema"
FROM unnest($1::text[], $2::oid[]) AS subject (catalog, oid)
LEFT JOIN pg_catalog.pg_aggregate AS g ON subject.catalog = 'pg_proc' AND g.aggfnoid = subject.oid
