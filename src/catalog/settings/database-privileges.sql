-- Purpose: grants and revokes on this database, as the difference from what a new one has. What its owner may do is
-- left out: in another place another role owns it. Columns: those of PrivilegeItem. Servers: 13 and later.
WITH subject AS (
  SELECT
    d.datdba AS owner,
    pg_catalog.acldefault('d', d.datdba) AS base,
    COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba)) AS present
  FROM pg_catalog.pg_database AS d
  WHERE d.datname = pg_catalog.current_database()
), item AS (
  SELECT s.owner, s.base, 'revoke' AS action, i.item, i.position
  FROM subject AS s, pg_catalog.unnest(s.base) WITH ORDINALITY AS i (item, position)
  WHERE NOT i.item = ANY (s.present)
  UNION ALL
  SELECT s.owner, s.base, 'grant', i.item, i.position
  FROM subject AS s, pg_catalog.unnest(s.present) WITH ORDINALITY AS i (item, position)
  WHERE NOT i.item = ANY (s.base)
)
SELECT
  item.action AS "action",
  NULL::text AS "column",
  CASE WHEN e.grantee <> 0 THEN pg_catalog.pg_get_userbyid(e.grantee) END AS "grantee",
  CASE WHEN e.grantor <> item.owner THEN pg_catalog.pg_get_userbyid(e.grantor) END AS "grantor",
  e.privileges AS "privileges",
  e.grantable AS "grantable",
  (SELECT count(*)::int FROM pg_catalog.aclexplode(item.base) AS d WHERE d.grantee = item.owner) AS "allPrivileges"
FROM item
CROSS JOIN LATERAL (
  SELECT
    x.grantee,
    x.grantor,
    pg_catalog.array_agg(x.privilege_type ORDER BY x.privilege_type COLLATE "C") FILTER (WHERE NOT x.is_grantable)
      AS privileges,
    pg_catalog.array_agg(x.privilege_type ORDER BY x.privilege_type COLLATE "C") FILTER (WHERE x.is_grantable)
      AS grantable
  FROM pg_catalog.aclexplode(ARRAY[item.item]) AS x
  GROUP BY x.grantee, x.grantor
) AS e
WHERE e.grantee <> item.owner
ORDER BY item.action DESC, item.position
