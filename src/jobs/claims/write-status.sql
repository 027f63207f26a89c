-- Purpose: writes the status of a job that has no outcome, for the holder of its claim, as BullMQ's progress; the event
-- only wakes, so it carries nothing. The claim's row is locked, so that no takeover slips in between look and write.
-- Parameters: $1 text queue, $2 text job, $3 text claim, $4 text holder, $5 jsonb status, $6 boolean begins.
-- Columns: answer text; null where it changed in this moment: ask again. Servers: 13 and later.
WITH claim AS MATERIALIZED (
  SELECT FROM multiboard_sync_claim AS c WHERE c.name = $3 AND c.holder = $4 FOR SHARE
),
written AS (
  UPDATE job AS j SET progress = $5::jsonb
  WHERE j.queue = $1 AND j.id = $2
    AND j.state NOT IN ('completed', 'failed')
    AND pg_catalog.jsonb_typeof(j.progress -> 'outcome') IS DISTINCT FROM 'object'
    AND NOT ($6::boolean AND pg_catalog.jsonb_exists(j.data, 'cancel'))
    AND EXISTS (SELECT FROM claim)
  RETURNING j.queue, j.id
),
told AS MATERIALIZED (
  SELECT w.id
  FROM written AS w
  CROSS JOIN LATERAL publish_event(w.queue, 'progress', pg_catalog.jsonb_build_object('jobId', w.id, 'data', '0')) AS event
),
present AS (
  SELECT
    j.state IN ('completed', 'failed')
      OR pg_catalog.jsonb_typeof(j.progress -> 'outcome') IS NOT DISTINCT FROM 'object' AS ended,
    $6::boolean AND pg_catalog.jsonb_exists(j.data, 'cancel') AS cancelled
  FROM job AS j
  WHERE j.queue = $1 AND j.id = $2
)
SELECT
  CASE
    WHEN EXISTS (SELECT FROM told) THEN 'written'
    WHEN NOT EXISTS (SELECT FROM present) THEN 'gone'
    WHEN (SELECT p.ended FROM present AS p) THEN 'ended'
    WHEN NOT EXISTS (SELECT FROM claim) THEN 'taken'
    WHEN (SELECT p.cancelled FROM present AS p) THEN 'cancelled'
  END AS answer
