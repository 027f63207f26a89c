-- Purpose: who is connected to a database, and whether this role may end that session. Parameters: $1 text database
-- name. Columns: pid int, role text, application text, endable boolean. Servers: 13 and later.
SELECT
  a.pid,
  COALESCE(a.usename, a.backend_type) AS role,
  COALESCE(a.application_name, '') AS application,
  me.rolsuper
    OR pg_catalog.pg_has_role(a.usesysid, 'USAGE')
    OR (pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') AND NOT COALESCE(them.rolsuper, true)) AS endable
FROM pg_catalog.pg_stat_activity AS a
JOIN pg_catalog.pg_roles AS me ON me.rolname = current_user
LEFT JOIN pg_catalog.pg_roles AS them ON them.oid = a.usesysid
WHERE a.datname = $1
  AND a.pid <> pg_catalog.pg_backend_pid()
  AND a.usesysid IS NOT NULL
  AND COALESCE(a.backend_type, 'client backend') NOT IN ('autovacuum worker', 'parallel worker')
