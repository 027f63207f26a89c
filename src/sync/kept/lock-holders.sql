-- Purpose: who holds a lock on one of these relations that stands against SHARE, or against anything.
-- Parameters: $1 text[] quoted names, $2 boolean: any lock counts. Columns: pid int, role text, application text,
-- tables text, maintained text[] (quoted names of tables held by a VACUUM, an ANALYZE or the like). Servers: 13 and
-- later.
SELECT
  a.pid,
  COALESCE(a.usename, a.backend_type) AS role,
  COALESCE(a.application_name, '') AS application,
  pg_catalog.string_agg(DISTINCT l.relation::regclass::text, ', ') AS tables,
  COALESCE(
    pg_catalog.array_agg(DISTINCT l.relation::regclass::text)
    FILTER (WHERE l.mode = 'ShareUpdateExclusiveLock' AND c.relkind IN ('r', 'p')),
    '{}'
  ) AS maintained
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND l.relation = ANY (SELECT pg_catalog.to_regclass(t.name) FROM unnest($1::text[]) AS t (name))
  AND l.granted
  AND l.pid <> pg_catalog.pg_backend_pid()
  AND ($2::boolean OR l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareLock'))
GROUP BY a.pid, a.usename, a.backend_type, a.application_name
ORDER BY a.pid
