-- Purpose: digests of what large objects have beside their contents: owners, privileges that differ from what an object
-- is born with, comments and security labels. Columns: part, rows, high, low. Servers: 13 and later.
-- As in the digest of a table: sums of two hashes of lines in UTF-8, whatever the database's encoding.
WITH line (part, text) AS (
  SELECT 'owners', m.oid || ':' || pg_catalog.pg_get_userbyid(m.lomowner)
  FROM pg_catalog.pg_largeobject_metadata AS m
  UNION ALL
  SELECT 'privileges', m.oid || ':' || present.items
  FROM pg_catalog.pg_largeobject_metadata AS m
  CROSS JOIN LATERAL (
    SELECT COALESCE(pg_catalog.string_agg(i.item, ',' ORDER BY i.item COLLATE "C"), '') AS items
    FROM (
      SELECT ROW(
        pg_catalog.pg_get_userbyid(a.grantor),
        CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable
      )::text AS item
      FROM pg_catalog.aclexplode(m.lomacl) AS a
    ) AS i
  ) AS present
  WHERE m.lomacl IS NOT NULL
    AND NOT (m.lomacl @> pg_catalog.acldefault('L', m.lomowner) AND pg_catalog.acldefault('L', m.lomowner) @> m.lomacl)
  UNION ALL
  SELECT 'words', ROW(d.objoid, NULL, d.description)::text
  FROM pg_catalog.pg_description AS d
  WHERE d.classoid = 'pg_catalog.pg_largeobject'::regclass AND d.objsubid = 0
  UNION ALL
  SELECT 'words', ROW(l.objoid, l.provider, l.label)::text
  FROM pg_catalog.pg_seclabel AS l
  WHERE l.classoid = 'pg_catalog.pg_largeobject'::regclass AND l.objsubid = 0
), converted AS (
  SELECT
    line.part,
    CASE
      WHEN (SELECT pg_catalog.getdatabaseencoding() = 'UTF8') THEN line.text
      ELSE pg_catalog.convert_from(pg_catalog.convert_to(line.text, 'UTF8'), 'SQL_ASCII')
    END AS text
  FROM line
)
SELECT
  c.part AS "part",
  count(*)::text AS "rows",
  sum(pg_catalog.hashtextextended(c.text COLLATE "C", 1))::text AS "high",
  sum(pg_catalog.hashtextextended(c.text COLLATE "C", 2))::text AS "low"
FROM converted AS c
GROUP BY c.part
