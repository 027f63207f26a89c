-- Purpose: domains, without their CHECK constraints (domain-constraints.sql). Columns: oid, schema, name, owner, base
-- (type), collation (where not the base's own), default, defaultDropped (there is
--   none, but the base has one), notNull, and from 17 the name and OID of the NOT NULL constraint.
-- Servers: 13 and later.
-- Nothing without: domains.
SELECT
  t.oid,
  n.nspname AS "schema",
  t.typname AS "name",
  pg_catalog.pg_get_userbyid(t.typowner) AS "owner",
  pg_catalog.format_type(t.typbasetype, t.typtypmod) AS "base",
  cn.nspname AS "collationSchema",
  co.collname AS "collation",
  COALESCE(
    pg_catalog.pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::regclass),
    -- Taken over from a base type, whose default is text, not an expression.
    pg_catalog.quote_literal(t.typdefault) || '::' || pg_catalog.format_type(t.typbasetype, t.typtypmod)
  ) AS "default",
  t.typdefault IS NULL AND b.typdefault IS NOT NULL AS "defaultDropped",
  t.typnotnull AS "notNull",
  nn.oid AS "notNullOid", -- [>= 17]
  nn.conname AS "notNullName" -- [>= 17]
  NULL::oid AS "notNullOid", -- [< 17]
  NULL::text AS "notNullName" -- [< 17]
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = t.typcollation AND t.typcollation <> b.typcollation
LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
LEFT JOIN pg_catalog.pg_constraint AS nn ON nn.contypid = t.oid AND nn.contype = 'n' -- [>= 17]
WHERE t.typtype = 'd'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid AND m.deptype = 'e'
  )
