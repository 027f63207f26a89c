-- Purpose: where a role would have to be allowed to create, asked by somebody who is no superuser: nothing may be
-- given to it otherwise. No row where it may. Parameters: $1 text role, $2 text schema, null for the database itself.
-- Columns: name text (of the schema or database). Servers: 13 and later.
SELECT COALESCE($2, pg_catalog.current_database())::text AS name
FROM pg_catalog.pg_roles AS me
WHERE me.rolname = current_user AND NOT me.rolsuper
  AND CASE
    WHEN $2 IS NULL THEN NOT pg_catalog.has_database_privilege($1::name, pg_catalog.current_database(), 'CREATE')
    ELSE NOT pg_catalog.has_schema_privilege($1::name, $2::text, 'CREATE')
  END
