-- Purpose: security labels on objects and columns of this database. Columns: those of SecurityLabelRow. Servers: 13
-- and later. Subscriptions belong to all databases, and so do their labels; before 14 only superusers see their OIDs.
-- Labels of large objects go with their contents.
SELECT
  catalog.relname AS "catalog",
  l.objoid AS "oid",
  l.objsubid AS "number",
  a.attname AS "column",
  l.provider,
  l.label
FROM (
  SELECT s.classoid, s.objoid, s.objsubid, s.provider, s.label FROM pg_catalog.pg_seclabel AS s
  WHERE s.classoid <> 'pg_catalog.pg_largeobject'::regclass
  UNION ALL
  SELECT s.classoid, s.objoid, 0, s.provider, s.label FROM pg_catalog.pg_shseclabel AS s
  JOIN pg_catalog.pg_subscription AS p
    ON s.classoid = 'pg_catalog.pg_subscription'::regclass
    AND p.oid = s.objoid -- [>= 14]
    AND pg_catalog.quote_ident(p.subname) = (pg_catalog.pg_identify_object(s.classoid, s.objoid, 0)).identity -- [< 14]
  WHERE p.subdbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
) AS l
JOIN pg_catalog.pg_class AS catalog ON catalog.oid = l.classoid
LEFT JOIN pg_catalog.pg_attribute AS a
  ON l.classoid = 'pg_catalog.pg_class'::regclass AND a.attrelid = l.objoid AND a.attnum = l.objsubid AND l.objsubid > 0
WHERE l.objoid >= 16384
  OR (l.classoid = 'pg_catalog.pg_namespace'::regclass AND l.objoid IN (
    SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ))
