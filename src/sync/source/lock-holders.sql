-- Purpose: who keeps readers out of these tables: holds them for a change, or waits for that and lets nobody by.
-- Parameters: $1 text[] quoted names. Columns: pid int, role text, application text, tables text. Servers: 13 and
-- later.
SELECT
  a.pid,
  COALESCE(a.usename, a.backend_type) AS "role",
  COALESCE(a.application_name, '') AS "application",
  pg_catalog.string_agg(DISTINCT l.relation::regclass::text, ', ') AS "tables"
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND l.relation = ANY (SELECT pg_catalog.to_regclass(t.name) FROM unnest($1::text[]) AS t (name))
  AND l.pid <> pg_catalog.pg_backend_pid()
GROUP BY a.pid, a.usename, a.backend_type, a.application_name
ORDER BY a.pid
