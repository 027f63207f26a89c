-- Purpose: what the list of catalogs with OIDs does not lead to: security labels, large objects.
-- Columns: identity. Servers: 13 and later.
SELECT 'security label of ' || l.provider || ' on ' || pg_catalog.pg_describe_object(l.classoid, l.objoid, l.objsubid) AS "identity"
FROM pg_catalog.pg_seclabel AS l
WHERE l.classoid = 'pg_catalog.pg_largeobject'::regclass
UNION ALL
SELECT 'large objects (' || count(*) || ')'
FROM pg_catalog.pg_largeobject_metadata
HAVING count(*) > 0
