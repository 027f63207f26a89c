-- Purpose: the jobs that have not ended, in one snapshot: BullMQ asks once for each state, and a job that changes its
-- state in between stands in none of the answers.
-- Parameters: $1 text queue. Columns: ids text[]. Servers: 13 and later.
SELECT COALESCE(pg_catalog.array_agg(j.id), '{}') AS ids
FROM job AS j
WHERE j.queue = $1 AND j.state IN ('waiting', 'active', 'delayed')
