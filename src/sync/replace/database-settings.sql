-- Purpose: what belongs to a database object rather than to its content: settings, per-role settings, privileges.
-- Parameters: $1 text database name. Columns: kind text, role text, name text, value text, privilege text,
-- grantable boolean. Servers: 13 and later.
SELECT
  'setting' AS kind,
  CASE WHEN s.setrole = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(s.setrole) END AS role,
  pg_catalog.split_part(c.entry, '=', 1) AS name,
  pg_catalog.substr(c.entry, pg_catalog.strpos(c.entry, '=') + 1) AS value,
  NULL AS privilege,
  NULL::boolean AS grantable
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_db_role_setting AS s ON s.setdatabase = d.oid
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (entry)
WHERE d.datname = $1
UNION ALL
SELECT
  'grant',
  CASE WHEN a.grantee = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
  NULL,
  NULL,
  a.privilege_type,
  a.is_grantable
FROM pg_catalog.pg_database AS d
-- What is granted by default says the same, written out or not: giving an object to a role writes it out.
CROSS JOIN LATERAL pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) AS a
WHERE d.datname = $1
ORDER BY 1, 2, 3, 5
