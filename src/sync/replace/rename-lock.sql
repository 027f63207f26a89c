-- Purpose: whether a backend holds the lock with which ALTER DATABASE ... RENAME keeps new connections out.
-- Parameters: $1 int process id, $2 text oid of the database. Columns: granted boolean. Servers: 13 and later.
SELECT l.granted
FROM pg_catalog.pg_locks AS l
WHERE l.pid = $1
  AND l.locktype = 'object'
  AND l.classid = 'pg_catalog.pg_database'::regclass
  AND l.objid = $2::oid
  AND l.mode = 'AccessExclusiveLock'
