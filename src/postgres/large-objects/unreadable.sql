-- Purpose: large objects that this role may not read, the first twenty of them. `lo_compat_privileges` switches the
-- checks off; has_largeobject_privilege() is of 18.
-- Columns: count (of all), oids. Servers: 13 and later.
SELECT count(*)::float8 AS "count", (pg_catalog.array_agg(m.oid ORDER BY m.oid))[1:20] AS "oids"
FROM pg_catalog.pg_largeobject_metadata AS m
WHERE pg_catalog.current_setting('lo_compat_privileges') <> 'on'
  AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = CURRENT_USER)
  AND NOT EXISTS (
    SELECT
    FROM pg_catalog.aclexplode(COALESCE(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) AS a
    WHERE a.privilege_type = 'SELECT'
      AND CASE WHEN a.grantee = 0 THEN true ELSE pg_catalog.pg_has_role(a.grantee, 'USAGE') END
  )
