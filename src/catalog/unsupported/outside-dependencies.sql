-- Purpose: what the list of catalogs with OIDs does not lead to: subscriptions (a shared catalog),
-- security labels, large objects.
-- Columns: identity. Servers: 13 and later.
SELECT 'subscription ' || pg_catalog.quote_ident(s.subname) AS "identity"
FROM pg_catalog.pg_subscription AS s
WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
UNION ALL
SELECT 'security label of ' || l.provider || ' on ' || pg_catalog.pg_describe_object(l.classoid, l.objoid, l.objsubid)
FROM pg_catalog.pg_seclabel AS l
WHERE l.classoid = 'pg_catalog.pg_largeobject'::regclass
UNION ALL
SELECT 'large objects (' || count(*) || ')'
FROM pg_catalog.pg_largeobject_metadata
HAVING count(*) > 0
