-- Purpose: whether this role can keep a queue here: in a schema that it may write in, or in one that it may make.
-- Parameters: $1 text schema. Columns: usable boolean. Servers: 13 and later.
SELECT COALESCE(
  (
    SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')
    FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1
  ),
  pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
) AS usable
