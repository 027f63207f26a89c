-- Purpose: what a database says for itself to every session in it: ALTER DATABASE ... SET, ALTER ROLE ... IN DATABASE
-- ... SET. Columns: those of SettingRow; `role` is null for all roles. Servers: 13 and later.
SELECT
  CASE WHEN s.setrole <> 0 THEN pg_catalog.pg_get_userbyid(s.setrole) END AS "role",
  c.name,
  c.value,
  EXISTS (
    SELECT FROM pg_catalog.pg_settings AS g
    WHERE pg_catalog.lower(g.name) = pg_catalog.lower(c.name) AND g.context IN ('superuser', 'superuser-backend')
  ) AS "superuser"
FROM pg_catalog.pg_db_role_setting AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
CROSS JOIN LATERAL (
  SELECT
    pg_catalog.split_part(entry.text, '=', 1) AS name,
    pg_catalog.substr(entry.text, pg_catalog.strpos(entry.text, '=') + 1) AS value
  FROM pg_catalog.unnest(s.setconfig) AS entry (text)
) AS c
WHERE d.datname = pg_catalog.current_database()
