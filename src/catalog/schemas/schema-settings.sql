-- Purpose: what is said of a schema itself: owner, privileges, comment. The comment that initdb gives schema public
-- is none. Parameters: $1 text name of the schema. Columns: owner text, privileges text[], comment text. Servers: 13
-- and later.
SELECT
  pg_catalog.pg_get_userbyid(n.nspowner)::text AS "owner",
  ARRAY(
    SELECT item::text
    FROM pg_catalog.unnest(COALESCE(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) AS item
    ORDER BY 1
  ) AS "privileges",
  NULLIF(pg_catalog.obj_description(n.oid, 'pg_namespace'), 'standard public schema') AS "comment"
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = $1
