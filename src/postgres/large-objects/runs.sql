-- Purpose: large objects in runs of at most $1, each of one owner and without a gap among that owner's: work for
-- several readers that grows by one line in a thousand objects. Columns: owner, ownerOid, first, last (oid), objects.
-- Servers: 13 and later.
SELECT
  pg_catalog.pg_get_userbyid(o.owner) AS "owner",
  o.owner AS "ownerOid",
  min(o.oid::int8)::oid AS "first",
  max(o.oid::int8)::oid AS "last",
  count(*)::int4 AS "objects"
FROM (
  SELECT
    m.oid,
    m.lomowner AS owner,
    (pg_catalog.row_number() OVER (PARTITION BY m.lomowner ORDER BY m.oid) - 1) / $1::int4 AS run
  FROM pg_catalog.pg_largeobject_metadata AS m
) AS o
GROUP BY o.owner, o.run
ORDER BY min(o.oid::int8)
