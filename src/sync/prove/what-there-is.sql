-- Purpose: what objects of another database may ask of this server.
-- Columns: roles jsonb, available jsonb: arrays of {name}. Servers: 13 and later.
SELECT
  (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', r.rolname)) FROM pg_catalog.pg_roles AS r)
    AS "roles",
  (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', a.name))
   FROM pg_catalog.pg_available_extensions AS a) AS "available"
