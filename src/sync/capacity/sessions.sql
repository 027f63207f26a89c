-- Purpose: how many sessions this role may have here, by each limit that holds for it, and how many there are.
-- Parameters: $1 text: sessions of this application name are the run's own, and not counted; null counts all but this
-- one. Columns: what text, limit int, used int, in_database boolean (only sessions in this database count). Servers:
-- 13 and later. Of other roles' sessions an ordinary role sees no backend_type; whoever has a role and none is a
-- client, or nearly so.
WITH others AS (
  SELECT a.usesysid, a.datid FROM pg_catalog.pg_stat_activity AS a
  WHERE a.usesysid IS NOT NULL
    AND COALESCE(a.backend_type, 'client backend') = 'client backend'
    AND a.pid <> pg_catalog.pg_backend_pid()
    AND ($1::text IS NULL OR a.application_name <> $1)
)
SELECT
  'the server (max_connections, less those that are reserved)' AS what,
  pg_catalog.current_setting('max_connections')::int
    - CASE WHEN me.rolsuper THEN 0 ELSE pg_catalog.current_setting('superuser_reserved_connections')::int END
    - CASE
        WHEN me.rolsuper OR EXISTS (
          SELECT FROM pg_catalog.pg_roles AS p
          WHERE p.rolname = 'pg_use_reserved_connections' AND pg_catalog.pg_has_role(p.oid, 'USAGE')
        ) THEN 0
        ELSE COALESCE(pg_catalog.current_setting('reserved_connections', true)::int, 0)
      END AS limit,
  (SELECT pg_catalog.count(*)::int FROM others) AS used,
  false AS in_database
FROM pg_catalog.pg_roles AS me
WHERE me.rolname = session_user
UNION ALL
SELECT 'the role "' || me.rolname || '" (CONNECTION LIMIT)', me.rolconnlimit,
  (SELECT pg_catalog.count(*)::int FROM others AS o WHERE o.usesysid = me.oid), false
FROM pg_catalog.pg_roles AS me
WHERE me.rolname = session_user AND NOT me.rolsuper AND me.rolconnlimit >= 0
UNION ALL
SELECT 'the database "' || d.datname || '" (CONNECTION LIMIT)', d.datconnlimit,
  (SELECT pg_catalog.count(*)::int FROM others AS o WHERE o.datid = d.oid), true
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_roles AS me ON me.rolname = session_user
WHERE d.datname = pg_catalog.current_database() AND NOT me.rolsuper AND d.datconnlimit >= 0
