-- Purpose: what of the sessions of the session's own database, and of the server's roles, looks like a pooler. A server
--          is told by nobody that a session is a pooler's; what a role may not see of others is no sign.
-- Columns: sign text, sessions int (0 for a role), who text. Servers: 13 and later.
SELECT signs.sign, pg_catalog.count(*)::int AS sessions, pg_catalog.string_agg(DISTINCT a.usename::text, ', ') AS who
FROM pg_catalog.pg_stat_activity AS a
CROSS JOIN LATERAL (
  SELECT CASE
    WHEN a.application_name ~* '(pgbouncer|supavisor|pgcat|odyssey|pgpool)' THEN 'name'
    -- What a pool in session mode leaves behind when a client has gone, and what some drivers do as well.
    WHEN a.state = 'idle' AND a.query ~* '^\s*DISCARD ALL;?\s*$' THEN 'reset'
    -- application_name_add_host
    WHEN a.application_name ~ ' - \S+:\d+$' THEN 'host'
  END AS sign
) AS signs
WHERE a.datid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND signs.sign IS NOT NULL
  AND NOT pg_catalog.starts_with(a.application_name, 'multiboard-sync')
GROUP BY signs.sign
UNION ALL
SELECT 'role', 0, pg_catalog.string_agg(r.rolname::text, ', ' ORDER BY r.rolname)
FROM pg_catalog.pg_roles AS r
WHERE r.rolcanlogin AND r.rolname ~ '^(pgbouncer|supavisor)'
HAVING pg_catalog.count(*) > 0
ORDER BY 1
