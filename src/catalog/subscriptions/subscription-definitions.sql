-- Purpose: subscriptions of this database with all that CREATE SUBSCRIPTION takes, their connection strings among it:
-- for superusers, and only where somebody asked for secrets. Columns: those of SubscriptionRow. Servers: 13 and later.
SELECT
  s.oid,
  s.subname AS "name",
  pg_catalog.pg_get_userbyid(s.subowner) AS "owner",
  s.subconninfo AS "connection",
  s.subslotname AS "slot",
  s.subsynccommit AS "synchronousCommit",
  s.subpublications::text[] AS "publications",
  s.subbinary AS "binary", -- [>= 14]
  false AS "binary", -- [< 14]
  CASE s.substream WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' ELSE 'off' END AS "streaming", -- [>= 16]
  CASE WHEN s.substream THEN 'on' ELSE 'off' END AS "streaming", -- [>= 14] [< 16]
  NULL::text AS "streaming", -- [< 14]
  s.subtwophasestate <> 'd' AS "twoPhase", -- [>= 15]
  s.subdisableonerr AS "disableOnError", -- [>= 15]
  false AS "twoPhase", -- [< 15]
  false AS "disableOnError", -- [< 15]
  s.subpasswordrequired AS "passwordRequired", -- [>= 16]
  s.subrunasowner AS "runAsOwner", -- [>= 16]
  s.suborigin AS "origin", -- [>= 16]
  true AS "passwordRequired", -- [< 16]
  NULL::boolean AS "runAsOwner", -- [< 16]
  'any' AS "origin", -- [< 16]
  s.subfailover AS "failover" -- [>= 17]
  false AS "failover" -- [< 17]
FROM pg_catalog.pg_subscription AS s
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
