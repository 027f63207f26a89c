-- Purpose: for how many locks of all transactions together the server has room, and what a run in one of them would
-- take. Parameters: $1 oid[] tables that are read: each takes a lock, and so does each of its indexes. Columns:
-- indexes int, room int, setting int (max_locks_per_transaction), backends int (by which it is multiplied). Servers:
-- 13 and later. The manual promises the connections' share; the server also counts its own processes.
SELECT
  (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_index AS i WHERE i.indrelid = ANY ($1::oid[])) AS indexes,
  s.setting * s.backends AS room,
  s.setting,
  s.backends
FROM (
  SELECT
    pg_catalog.current_setting('max_locks_per_transaction')::int AS setting,
    pg_catalog.current_setting('max_connections')::int
      + pg_catalog.current_setting('max_prepared_transactions')::int
      + pg_catalog.current_setting('max_wal_senders')::int
      + pg_catalog.current_setting('max_worker_processes')::int
      + COALESCE(
        pg_catalog.current_setting('autovacuum_worker_slots', true),
        pg_catalog.current_setting('autovacuum_max_workers')
      )::int AS backends
) AS s
