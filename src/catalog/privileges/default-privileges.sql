-- Purpose: what ALTER DEFAULT PRIVILEGES changed, as the difference from what new objects get without it: for all
-- schemas the built-in default, for one schema nothing. Columns: those of DefaultPrivilegeRow, one row per access item
-- that differs. Servers: 13 and later; large objects from 18.
-- Nothing without: default privileges.
WITH subject AS (
  SELECT
    d.oid, d.defaclrole AS role, n.nspname AS schema, d.defaclobjtype AS type, d.defaclacl AS present,
    standard.acl AS standard,
    CASE WHEN d.defaclnamespace = 0 THEN standard.acl ELSE '{}'::aclitem[] END AS base
  FROM pg_catalog.pg_default_acl AS d
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
  CROSS JOIN LATERAL (
    -- The built-in defaults know sequences by a small letter.
    SELECT pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole) AS acl
  ) AS standard
), item AS (
  SELECT s.*, 'revoke' AS action, i.item, i.position
  FROM subject AS s, pg_catalog.unnest(s.base) WITH ORDINALITY AS i (item, position)
  WHERE NOT i.item = ANY (s.present)
  UNION ALL
  SELECT s.*, 'grant', i.item, i.position
  FROM subject AS s, pg_catalog.unnest(s.present) WITH ORDINALITY AS i (item, position)
  WHERE NOT i.item = ANY (s.base)
)
SELECT
  item.oid AS "oid",
  pg_catalog.pg_get_userbyid(item.role) AS "role",
  item.schema AS "schema",
  item.type AS "type",
  item.action AS "action",
  CASE WHEN e.grantee <> 0 THEN pg_catalog.pg_get_userbyid(e.grantee) END AS "grantee",
  e.privileges AS "privileges",
  e.grantable AS "grantable",
  -- As in privileges.sql: ALL of an older server is a list on one of 17.
  CASE WHEN item.type = 'r' THEN 8 ELSE -- [< 17]
    (SELECT count(*)::int FROM pg_catalog.aclexplode(item.standard) AS d WHERE d.grantee = item.role)
  END -- [< 17]
  AS "allPrivileges"
FROM item
CROSS JOIN LATERAL (
  SELECT
    x.grantee,
    pg_catalog.array_agg(x.privilege_type ORDER BY x.privilege_type COLLATE "C") FILTER (WHERE NOT x.is_grantable)
      AS privileges,
    pg_catalog.array_agg(x.privilege_type ORDER BY x.privilege_type COLLATE "C") FILTER (WHERE x.is_grantable)
      AS grantable
  FROM pg_catalog.aclexplode(ARRAY[item.item]) AS x
  GROUP BY x.grantee
) AS e
ORDER BY item.oid, item.action DESC, e.grantee <> item.role, item.position
