-- Purpose: how many sessions a run has on this server. A name of a session is cut to 63 bytes; ids of jobs are ASCII.
-- Parameters: $1 text id of the job, $2 int[] pids that do not count. Columns: sessions int. Servers: 13 and later.
SELECT count(*)::int AS sessions
FROM pg_catalog.pg_stat_activity AS a
WHERE a.application_name = pg_catalog.left('multiboard-sync ' || $1::text, 63) AND a.pid <> ALL ($2::int[])
