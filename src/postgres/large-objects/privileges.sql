-- Purpose: what was granted and revoked on the large objects of a run, objects with one access list together.
-- Parameters: $1 owner, $2 first and $3 last OID. Columns: those of LargeObjectPrivilege, one row per access item that
-- differs from what an object is born with. Servers: 13 and later.
WITH subject AS (
  SELECT pg_catalog.array_agg(m.oid ORDER BY m.oid) AS oids, m.lomacl::text AS list
  FROM pg_catalog.pg_largeobject_metadata AS m
  WHERE m.lomowner = $1 AND m.oid BETWEEN $2 AND $3 AND m.lomacl IS NOT NULL
  GROUP BY m.lomacl::text
), compared AS (
  SELECT s.oids, m.lomowner AS owner, m.lomacl AS present, pg_catalog.acldefault('L', m.lomowner) AS standard
  FROM subject AS s
  JOIN pg_catalog.pg_largeobject_metadata AS m ON m.oid = s.oids[1]
), item AS (
  SELECT c.*, 'revoke' AS action, i.item, i.position
  FROM compared AS c, pg_catalog.unnest(c.standard) WITH ORDINALITY AS i (item, position)
  WHERE NOT i.item = ANY (c.present)
  UNION ALL
  SELECT c.*, 'grant', i.item, i.position
  FROM compared AS c, pg_catalog.unnest(c.present) WITH ORDINALITY AS i (item, position)
  WHERE NOT i.item = ANY (c.standard)
)
SELECT
  item.oids AS "oids",
  item.action AS "action",
  CASE WHEN e.grantee <> 0 THEN pg_catalog.pg_get_userbyid(e.grantee) END AS "grantee",
  CASE WHEN e.grantor <> item.owner THEN pg_catalog.pg_get_userbyid(e.grantor) END AS "grantor",
  e.privileges AS "privileges",
  e.grantable AS "grantable",
  2 AS "allPrivileges",
  NULL AS "column"
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
-- Revokes first, then what the owner holds, then the rest in stored order: a grant option must exist before it is used.
ORDER BY item.oids[1], item.action DESC, e.grantee <> item.owner, item.position
