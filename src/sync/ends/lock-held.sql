-- Purpose: whether the lock of a target is held by the sessions of this run: by the one that asks, in its own
-- database, and
--          by another one in the target.
-- Parameters: $1 text database name, $2 int pid of the session on the target. Columns: here boolean, there boolean.
-- Servers: 13 and later.
WITH held AS (
  SELECT l.pid, l.database
  FROM pg_catalog.pg_locks AS l
  WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.classid::int8 << 32 | l.objid::int8 = pg_catalog.hashtextextended('multiboard-sync:' || $1::text, 0)
)
SELECT
  EXISTS (SELECT FROM held WHERE held.pid = pg_catalog.pg_backend_pid()) AS here,
  EXISTS (
    SELECT FROM held JOIN pg_catalog.pg_database AS d ON d.oid = held.database
    WHERE held.pid = $2 AND d.datname = $1
  ) AS there
