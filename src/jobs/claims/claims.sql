-- Purpose: the claims of runs, beside BullMQ's tables; claims nobody gave back go after a day.
-- Run as one simple query, hence one transaction, at each start. Servers: 13 and later.
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('multiboard-sync claims'));
CREATE TABLE IF NOT EXISTS multiboard_sync_claim (
  name text PRIMARY KEY,
  holder text NOT NULL,
  held_until timestamptz NOT NULL
);
DELETE FROM multiboard_sync_claim WHERE held_until < pg_catalog.clock_timestamp() - interval '1 day';
