-- Purpose: subscriptions of this database, as everybody may see them. Columns: name (text), readable (boolean: whether
-- this role may read where they connect to). Servers: 13 and later. Their catalog is one for all databases.
SELECT
  s.subname AS "name",
  pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT') AS "readable"
FROM pg_catalog.pg_subscription AS s
WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
