-- Purpose: user mappings. Columns: those of MappingRow; `user` is null for PUBLIC. Parameters: $1 whether the options
-- are asked for: they hold passwords. Servers: 13 and later. The catalog itself is closed to ordinary roles; the view
-- shows every mapping, and its options to those who may use them.
-- Nothing without: foreign data wrappers.
SELECT
  m.umid AS "oid",
  m.srvid AS "server",
  m.srvname AS "serverName",
  CASE WHEN m.umuser <> 0 THEN pg_catalog.pg_get_userbyid(m.umuser) END AS "user",
  CASE WHEN $1 THEN m.umoptions END AS "options",
  m.umoptions IS NOT NULL AS "hasOptions",
  -- As the view decides.
  CASE
    WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) THEN true
    WHEN m.umuser = 0 THEN pg_catalog.pg_has_role(s.srvowner, 'USAGE')
    ELSE m.usename = current_user
      AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(m.srvid, 'USAGE'))
  END AS "visible"
FROM pg_catalog.pg_user_mappings AS m
JOIN pg_catalog.pg_foreign_server AS s ON s.oid = m.srvid
