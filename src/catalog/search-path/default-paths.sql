-- Purpose: under which search paths this database's functions are called, that of our own session first: what it had
-- before it was pinned, from the server, the database, the role or the address. Then those of other roles.
-- Columns: role, path (as stored). Servers: 13 and later.
SELECT path.role, path.path
FROM (
  SELECT 1 AS place, CURRENT_USER::text AS role, s.reset_val AS path
  FROM pg_catalog.pg_settings AS s
  WHERE s.name = 'search_path'
  UNION ALL
  SELECT 2, r.rolname, pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1)
  FROM pg_catalog.pg_db_role_setting AS s
  JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
  CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
  WHERE pg_catalog.starts_with(c.setting, 'search_path=')
    AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()))
) AS path
ORDER BY path.place, path.role COLLATE "C", path.path COLLATE "C"
