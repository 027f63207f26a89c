-- Purpose: which tables and sequences of a target this role may not lock, or not read. Parameters: $1, $2 text[]
-- schemas and names. Columns: schema text, name text, reads boolean, locks boolean. Servers: 13 and later. Locks that
-- keep writers or readers off want a right to change rows (manual, LOCK); an owner may have lost its own.
SELECT
  asked.schema,
  asked.name,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind
    WHEN 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
    ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT')
  END AS reads,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND (
    c.relkind = 'S'
    OR pg_catalog.has_table_privilege(c.oid, 'MAINTAIN') -- [>= 17]
    OR pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
  ) AS locks
FROM unnest($1::text[], $2::text[]) AS asked (schema, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = asked.schema
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = asked.name
ORDER BY asked.schema, asked.name
