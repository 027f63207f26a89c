-- Purpose: collations. Columns: those of CollationRow. Servers: 13 and later. The locale of ICU collations was kept
-- in collcollate and collctype before 15, rules came with 16, the provider "builtin" with 17. The version is not
-- copied: the target notes that of its own library.
-- Nothing without: collations.
SELECT
  c.oid,
  n.nspname AS "schema",
  c.collname AS "name",
  pg_catalog.pg_get_userbyid(c.collowner) AS "owner",
  c.collprovider AS "provider",
  c.collisdeterministic AS "deterministic",
  c.collcollate AS "collate",
  c.collctype AS "characterType",
  c.colllocale AS "locale", -- [>= 17]
  c.colliculocale AS "locale", -- [>= 15] [< 17]
  NULL::text AS "locale", -- [< 15]
  c.collicurules AS "rules" -- [>= 16]
  NULL::text AS "rules" -- [< 16]
FROM pg_catalog.pg_collation AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
WHERE c.collprovider IN ('b', 'c', 'i')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_collation'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  )
