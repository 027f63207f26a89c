-- Purpose: settings of a database that this role could not give to another: of roles it may not alter, and those that
-- are for superusers, to which a setting no library of this session knows belongs.
-- Parameters: $1 text database name. Columns: setting text. Servers: 13 and later; since 16 a role is altered by those
-- who have the admin option, since 15 single parameters are granted.
SELECT
  'setting "' || c.name || '"' || CASE WHEN s.setrole = 0 THEN '' ELSE ' of role "' || pg_catalog.pg_get_userbyid(s.setrole) || '"' END AS "setting"
FROM pg_catalog.pg_db_role_setting AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
JOIN pg_catalog.pg_roles AS me ON me.rolname = current_user
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
CROSS JOIN LATERAL (
  SELECT pg_catalog.split_part(entry.text, '=', 1) AS name FROM pg_catalog.unnest(s.setconfig) AS entry (text)
) AS c
WHERE d.datname = $1
  AND NOT me.rolsuper
  AND (
    s.setrole <> 0 AND s.setrole <> me.oid
      AND NOT (
        me.rolcreaterole AND NOT COALESCE(r.rolsuper, true)
        AND pg_catalog.pg_has_role(s.setrole, 'MEMBER WITH ADMIN OPTION') -- [>= 16]
      )
    OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_settings AS g
      WHERE pg_catalog.lower(g.name) = pg_catalog.lower(c.name) AND g.context IN ('user', 'backend')
    )
      AND NOT pg_catalog.has_parameter_privilege(c.name, 'SET') -- [>= 15]
  )
ORDER BY 1
