-- Purpose: exports the snapshot of the present transaction and says when and where in the log it stands.
-- Columns: id text, lsn text, taken_at timestamptz, oldest text (xid). Servers: 13 and later, standbys included.
SELECT
  pg_catalog.pg_export_snapshot() AS id,
  CASE
    WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
    ELSE pg_catalog.pg_current_wal_lsn()
  END::text AS lsn,
  pg_catalog.statement_timestamp() AS taken_at,
  pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::xid::text AS oldest
