-- Purpose: functions of extensions whose text holds a word somewhere, to look at it more closely.
-- Parameters: $1 text the word. Columns: identity text, text text. Servers: 13 and later.
SELECT
  'function ' || p.oid::regprocedure || ' of extension ' || e.extname AS "identity",
  p.prosrc AS "text"
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_depend AS d
  ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
  AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
WHERE pg_catalog.strpos(pg_catalog.lower(p.prosrc), pg_catalog.lower($1)) > 0
ORDER BY 1
