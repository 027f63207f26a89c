-- Purpose: whether a role may not create in a schema, asked by somebody who is no superuser: nothing may be given to it there.
-- Parameters: $1 text role, $2 text schema. Columns: closed boolean. Servers: 13 and later.
SELECT NOT me.rolsuper AND NOT pg_catalog.has_schema_privilege($1::name, n.oid, 'CREATE') AS closed
FROM pg_catalog.pg_namespace AS n
JOIN pg_catalog.pg_roles AS me ON me.rolname = current_user
WHERE n.nspname = $2
