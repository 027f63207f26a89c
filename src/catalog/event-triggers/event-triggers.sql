-- Purpose: event triggers; those of extensions come with theirs. Columns: those of EventTriggerRow.
-- Servers: 13 and later. `tags` is null where every command counts.
-- Nothing without: event triggers.
SELECT
  e.oid,
  e.evtname AS "name",
  e.evtevent AS "event",
  pg_catalog.pg_get_userbyid(e.evtowner) AS "owner",
  e.evtenabled AS "state",
  e.evttags AS "tags",
  n.nspname AS "functionSchema",
  p.proname AS "function"
FROM pg_catalog.pg_event_trigger AS e
JOIN pg_catalog.pg_proc AS p ON p.oid = e.evtfoid
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS m
  WHERE m.classid = 'pg_catalog.pg_event_trigger'::regclass AND m.objid = e.oid AND m.deptype = 'e'
)
