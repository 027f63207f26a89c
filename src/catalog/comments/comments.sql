-- Purpose: comments on objects and columns of this database. Columns: those of CommentRow. Servers: 13 and later.
-- Comments on objects with OIDs below 16384 come with every database, except that of schema public.
SELECT
  catalog.relname AS "catalog",
  d.objoid AS "oid",
  d.objsubid AS "number",
  a.attname AS "column",
  d.description AS "text"
FROM pg_catalog.pg_description AS d
JOIN pg_catalog.pg_class AS catalog ON catalog.oid = d.classoid
LEFT JOIN pg_catalog.pg_attribute AS a
  ON d.classoid = 'pg_catalog.pg_class'::regclass AND a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE d.objoid >= 16384
  OR (d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objoid = pg_catalog.to_regnamespace('public'))
