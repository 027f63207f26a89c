-- Purpose: extensions that do not come with every new database. Columns: oid, name, version, schema.
-- Servers: 13 and later. OIDs below 16384 are given at initdb (plpgsql).
SELECT e.oid, e.extname AS "name", e.extversion AS "version", n.nspname AS "schema"
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.oid >= 16384
