-- Purpose: what a target database is and what this role may do with it; run in another database of the same server.
-- Parameters: $1 text database name. Columns: see TargetFacts in target-facts.ts. Servers: 13 and later.
SELECT
  d.oid::int8::text AS oid,
  d.datname AS name,
  pg_catalog.pg_get_userbyid(d.datdba) AS owner,
  d.datallowconn AS allows_connections,
  d.datistemplate AS is_template,
  d.datconnlimit AS connection_limit,
  pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
  t.spcname AS tablespace,
  pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
  pg_catalog.pg_database_size(d.oid)::text AS bytes,
  r.rolsuper AS superuser,
  r.rolsuper OR r.rolcreatedb AS creates_databases,
  pg_catalog.pg_has_role(d.datdba, 'USAGE') AS owns,
  pg_catalog.pg_postmaster_start_time()::text AS server_started_at,
  pg_catalog.pg_is_in_recovery() AS in_recovery,
  pg_catalog.current_setting('server_version_num')::int AS version_num,
  pg_catalog.current_setting('server_version') AS version,
  ARRAY(
    SELECT 'replication slot "' || s.slot_name || '"' FROM pg_catalog.pg_replication_slots AS s WHERE s.database = d.datname
    UNION ALL
    SELECT 'prepared transaction "' || p.gid || '"' FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = d.datname
  ) AS in_the_way,
  ARRAY(
    SELECT 'subscription "' || s.subname || '"' FROM pg_catalog.pg_subscription AS s WHERE s.subdbid = d.oid
    UNION ALL
    SELECT 'security label of provider "' || l.provider || '"' FROM pg_catalog.pg_shseclabel AS l
    WHERE l.classoid = 'pg_catalog.pg_database'::regclass AND l.objoid = d.oid
  ) AS holders,
  ARRAY(SELECT s.subname::text FROM pg_catalog.pg_subscription AS s WHERE s.subdbid = d.oid AND s.subenabled) AS fed_by
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace
JOIN pg_catalog.pg_roles AS r ON r.rolname = current_user
WHERE d.datname = $1
