-- Purpose: names of functions, types, operators and collations, with everything in full. Parameters: names of their
-- catalogs and their OIDs, side by side. Columns: catalog, oid, name. Servers: 13 and later.
SELECT used.catalog, used.oid, identified.type || ' ' || identified.identity AS "name"
FROM unnest($1::text[], $2::oid[]) AS used (catalog, oid)
JOIN pg_catalog.pg_class AS c ON c.relname = used.catalog AND c.relnamespace = 'pg_catalog'::regnamespace
CROSS JOIN LATERAL pg_catalog.pg_identify_object(c.oid, used.oid, 0) AS identified
WHERE identified.identity IS NOT NULL
