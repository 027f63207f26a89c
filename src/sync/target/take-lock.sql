-- Purpose: takes the advisory lock of a target, and says who holds it where that fails.
-- Parameters: $1 text database name. Columns: locked boolean, holder text (its application_name), working boolean (in
-- the middle of a statement; null where this role may not see it). Servers: 13 and later.
WITH key AS (
  SELECT pg_catalog.hashtextextended('multiboard-sync:' || $1::text, 0) AS value
), taken AS (
  SELECT pg_catalog.pg_try_advisory_lock(value) AS locked FROM key
)
SELECT taken.locked, other.holder, other.working
FROM taken
CROSS JOIN key
LEFT JOIN LATERAL (
  SELECT a.application_name AS holder, a.state = 'active' AS working
  FROM pg_catalog.pg_locks AS l
  JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
  WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
    AND l.classid::int8 = (key.value >> 32) & 4294967295
    AND l.objid::int8 = key.value & 4294967295
    AND l.pid <> pg_catalog.pg_backend_pid()
) AS other ON true
