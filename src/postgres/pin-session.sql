-- Purpose: pins every setting that changes how values are written as text, how statements are read, or how long they
--          may wait; settings that this server's version does not know are passed over, and so is the
--          look-out for lost clients where the server's system has none. session_replication_role may not be set by
--          everybody: it is left alone where it is right, and where it is not and may not be set, this fails (42501).
-- Parameters: $1 text[] names, $2 text[] values, $3 integer: pin nothing unless this is the backend's process id
--          (null: pin in any case). Columns: pid, of the backend; no row where nothing was pinned. Servers: 13 and
--          later.
SELECT pg_catalog.pg_backend_pid() AS pid, pg_catalog.set_config(pinned.name, pinned.value, false)
FROM unnest($1::text[], $2::text[]) AS pinned (name, value)
WHERE ($3::integer IS NULL OR $3::integer = pg_catalog.pg_backend_pid())
  AND pg_catalog.current_setting(pinned.name, true) IS NOT NULL
  AND (pinned.name <> 'client_connection_check_interval' OR pg_catalog.version() ~ 'linux')
  AND (pinned.name <> 'session_replication_role' OR pg_catalog.current_setting(pinned.name) <> pinned.value)
