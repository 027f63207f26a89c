-- Purpose: comments on objects and columns of this database. Columns: those of CommentRow. Servers: 13 and later.
-- Comments on objects with OIDs below 16384 come with every database, except that of schema public, which may have
-- another name by now. Comments on large objects go with their contents.
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
WHERE d.objoid >= 16384 AND d.classoid <> 'pg_catalog.pg_largeobject'::regclass
  OR (d.classoid = 'pg_catalog.pg_namespace'::regclass AND d.objoid IN (
    SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ))
UNION ALL
-- Most extensions have a comment as soon as they are made, and schema public has: that there is none has to be said.
SELECT 'pg_extension', e.oid, 0, NULL, NULL
FROM pg_catalog.pg_extension AS e
WHERE e.oid >= 16384 AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_description AS d
  WHERE d.classoid = 'pg_catalog.pg_extension'::regclass AND d.objoid = e.oid AND d.objsubid = 0
)
UNION ALL
SELECT 'pg_namespace', n.oid, 0, NULL, NULL
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = 'public' AND pg_catalog.obj_description(n.oid, 'pg_namespace') IS NULL
