-- Purpose: columns of tables, foreign tables, views, materialized views and composite types, in order, dropped ones
-- left out. Columns: those of ColumnRow. Servers: 13 and later; compression from 14, NOT NULL constraints of tables
-- from 18.
SELECT
  a.attrelid AS "relation",
  a.attnum AS "number",
  a.attname AS "name",
  pg_catalog.format_type(a.atttypid, a.atttypmod) AS "type",
  a.attnotnull AS "notNull",
  a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS "hasDefault",
  a.attidentity AS "identity",
  a.attgenerated AS "generated",
  cn.nspname AS "collationSchema",
  co.collname AS "collation",
  CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS "storage",
  t.typstorage AS "typeStorage",
  NULLIF(a.attcompression, '') AS "compression", -- [>= 14]
  NULL::text AS "compression", -- [< 14]
  NULLIF(a.attstattarget, -1) AS "statistics",
  -- Minors since November 2026 keep a counter of their own among the options, which cannot be set.
  ARRAY(
    SELECT o.option FROM pg_catalog.unnest(a.attoptions) AS o (option) WHERE o.option !~ '^pg_attver='
  ) AS "options",
  a.attfdwoptions AS "foreignOptions",
  a.attislocal AS "local",
  nn.oid AS "notNullOid", -- [>= 18]
  nn.conname AS "notNullName", -- [>= 18]
  nn.connoinherit AS "notNullNoInherit", -- [>= 18]
  nn.convalidated AS "notNullValidated", -- [>= 18]
  nn.conislocal AS "notNullLocal", -- [>= 18]
  false AS "notNullValidatedAfter", -- [>= 18]
  EXISTS ( -- [>= 18]
    SELECT FROM pg_catalog.pg_constraint AS other -- [>= 18]
    WHERE other.conname = nn.conname AND other.connamespace = nn.connamespace AND other.oid <> nn.oid -- [>= 18]
      AND (other.conislocal OR other.contype <> 'n') -- [>= 18]
  ) AS "notNullShared" -- [>= 18]
  NULL::oid AS "notNullOid", -- [< 18]
  NULL::text AS "notNullName", -- [< 18]
  false AS "notNullNoInherit", -- [< 18]
  true AS "notNullValidated", -- [< 18]
  true AS "notNullLocal", -- [< 18]
  false AS "notNullValidatedAfter", -- [< 18]
  false AS "notNullShared" -- [< 18]
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = a.attcollation AND a.attcollation <> t.typcollation
LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
LEFT JOIN pg_catalog.pg_constraint AS nn -- [>= 18]
  ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum -- [>= 18]
WHERE a.attnum > 0 AND NOT a.attisdropped
  AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY a.attrelid, a.attnum
