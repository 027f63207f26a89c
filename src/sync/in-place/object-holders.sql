-- Purpose: who keeps objects that are no relations from being dropped, and whose open transactions have written
--          anything: ALTER FUNCTION holds a row of the catalogue alone, and only who waits for it learns whose it is.
-- Parameters: $1 text[] ids (kind:oid). Columns: pid int, role text, application text, objects text (null for those
--             that have written something). Servers: 13 and later.
SELECT
  a.pid,
  COALESCE(a.usename, a.backend_type) AS role,
  COALESCE(a.application_name, '') AS application,
  pg_catalog.string_agg(DISTINCT named.type || ' ' || named.identity, ', ') AS objects
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
LEFT JOIN LATERAL pg_catalog.pg_identify_object(l.classid, l.objid, 0) AS named ON l.locktype = 'object'
WHERE a.datname = pg_catalog.current_database()
  AND l.granted
  AND l.pid <> pg_catalog.pg_backend_pid()
  AND CASE l.locktype
    WHEN 'object' THEN
      l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
      AND l.classid NOT IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_namespace'::regclass)
      AND l.objid IN (
        SELECT pg_catalog.substring(i.id, '(\d+)$')::oid
        FROM pg_catalog.unnest($1::text[]) AS i (id)
        WHERE i.id ~ '^[a-z ]+:\d+$'
      )
    WHEN 'transactionid' THEN l.mode = 'ExclusiveLock'
    ELSE false
  END
GROUP BY a.pid, a.usename, a.backend_type, a.application_name
ORDER BY a.pid
