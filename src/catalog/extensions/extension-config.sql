-- Purpose: tables and sequences whose rows an extension asks to have dumped.
-- Columns: extension, schema, name, relkind, condition (a WHERE clause or empty). Servers: 13 and later.
SELECT
  e.extname AS "extension",
  n.nspname AS "schema",
  c.relname AS "name",
  c.relkind AS "relkind",
  COALESCE(e.extcondition[config.position], '') AS "condition"
FROM pg_catalog.pg_extension AS e
CROSS JOIN LATERAL pg_catalog.unnest(e.extconfig) WITH ORDINALITY AS config (oid, position)
JOIN pg_catalog.pg_class AS c ON c.oid = config.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
