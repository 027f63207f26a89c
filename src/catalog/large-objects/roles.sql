-- Purpose: roles that own large objects, and roles that take part in grants on them.
-- Columns: role, owns. Servers: 13 and later.
SELECT DISTINCT pg_catalog.pg_get_userbyid(m.lomowner) AS "role", true AS "owns"
FROM pg_catalog.pg_largeobject_metadata AS m
UNION
SELECT pg_catalog.pg_get_userbyid(r.role), false
FROM (
  SELECT DISTINCT ON (m.lomowner, m.lomacl::text) m.lomowner AS owner, m.lomacl AS list
  FROM pg_catalog.pg_largeobject_metadata AS m
  WHERE m.lomacl IS NOT NULL
) AS l
CROSS JOIN LATERAL pg_catalog.aclexplode(l.list) AS a
CROSS JOIN LATERAL (VALUES (a.grantee), (a.grantor)) AS r (role)
WHERE r.role <> 0 AND r.role <> l.owner
ORDER BY 1, 2
