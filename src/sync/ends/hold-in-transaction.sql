-- Purpose: takes, for the transaction that changes a target, a lock that lasts as long as the transaction, and says
-- whether
--          the run's own session still held the target's lock after that: from here on nobody else can begin on this
--          target (take-lock.sql), whatever becomes of that session.
-- Parameters: $1 text database name, $2 int pid of the run's session. Columns: taken boolean, held boolean. Servers:
-- 13 and later.
WITH key AS (
  SELECT
    pg_catalog.hashtextextended('multiboard-sync:' || $1::text, 0) AS value,
    pg_catalog.hashtextextended('multiboard-sync:' || $1::text, 1) AS in_transaction
), taken AS MATERIALIZED (
  SELECT pg_catalog.pg_try_advisory_xact_lock(in_transaction) AS taken FROM key
)
SELECT taken.taken, EXISTS (
  SELECT FROM pg_catalog.pg_locks AS l
  WHERE taken.taken IS NOT NULL
    AND l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid = $2
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
    AND l.classid::int8 << 32 | l.objid::int8 = key.value
) AS held
FROM taken CROSS JOIN key
