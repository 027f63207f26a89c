-- Purpose: what the dump's reader has to know about the server and the database.
-- Columns: those of ServerFacts. Servers: 13 and later; the locale provider is known from 15.
SELECT
  pg_catalog.current_setting('server_version_num')::int AS "versionNum",
  pg_catalog.current_setting('server_version') AS "version",
  d.datname AS "databaseName",
  d.oid AS "databaseOid",
  pg_catalog.pg_encoding_to_char(d.encoding) AS "encoding",
  d.datcollate AS "collation",
  d.datctype AS "characterType",
  CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS "localeProvider", -- [>= 15]
  'libc' AS "localeProvider", -- [< 15]
  d.datlocale AS "locale" -- [>= 17]
  d.daticulocale AS "locale" -- [>= 15] [< 17]
  NULL::text AS "locale" -- [< 15]
FROM pg_catalog.pg_database AS d
WHERE d.datname = pg_catalog.current_database()
