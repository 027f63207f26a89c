-- Purpose: takes the advisory lock of a target, and says who holds it where that fails. A transaction that is
-- replacing the
--          target in place holds a lock of its own until it ends (hold-in-transaction.sql), which outlives its run's
--          session: while there is one, this lock is not taken either.
-- Parameters: $1 text database name. Columns: locked boolean, holder text (its application_name), working boolean (in
-- the middle of a statement; null where this role may not see it). Servers: 13 and later.
WITH key AS (
  SELECT
    pg_catalog.hashtextextended('multiboard-sync:' || $1::text, 0) AS value,
    pg_catalog.hashtextextended('multiboard-sync:' || $1::text, 1) AS in_transaction
), taken AS MATERIALIZED (
  SELECT pg_catalog.pg_try_advisory_lock(value) AS locked FROM key
), held AS (
  SELECT l.pid, l.classid::int8 << 32 | l.objid::int8 AS value
  FROM pg_catalog.pg_locks AS l
  -- Looked at only when the lock was taken, or was not: whoever comes later finds it taken.
  WHERE (SELECT locked FROM taken) IS NOT NULL
    AND l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
    AND l.pid <> pg_catalog.pg_backend_pid()
), other AS MATERIALIZED (
  SELECT a.application_name AS holder, a.state = 'active' AS working
  FROM held
  JOIN key ON held.value IN (key.value, key.in_transaction)
  JOIN pg_catalog.pg_stat_activity AS a ON a.pid = held.pid
  LIMIT 1
), outcome AS MATERIALIZED (
  SELECT taken.locked AND NOT EXISTS (SELECT FROM held JOIN key ON held.value = key.in_transaction) AS locked
  FROM taken
)
SELECT outcome.locked, other.holder, other.working,
  CASE WHEN taken.locked AND NOT outcome.locked THEN pg_catalog.pg_advisory_unlock(key.value) END AS given_back
FROM taken
CROSS JOIN key
CROSS JOIN outcome
LEFT JOIN other ON true
