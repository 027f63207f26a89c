-- Purpose: base types, whose values only functions understand. Columns: those of BaseTypeRow; "functions" holds
-- [option of CREATE TYPE, schema, name] of each. Servers: 13 and later; SUBSCRIPT from 14. Array types come by
-- themselves.
-- Nothing without: base types.
SELECT
  t.oid,
  n.nspname AS "schema",
  t.typname AS "name",
  pg_catalog.pg_get_userbyid(t.typowner) AS "owner",
  n.oid AS "schemaOid",
  (
    SELECT m.refobjid FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_namespace'::regclass AND m.objid = n.oid AND m.deptype = 'e'
  ) AS "schemaExtension",
  t.typlen AS "length",
  t.typbyval AS "byValue",
  t.typalign AS "alignment",
  t.typstorage AS "storage",
  t.typcategory AS "category",
  t.typispreferred AS "preferred",
  t.typdelim AS "delimiter",
  t.typdefault AS "default",
  t.typcollation <> 0 AS "collatable",
  CASE WHEN t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL) END AS "element",
  e.typlen AS "elementLength",
  (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_array(f.option, fn.nspname, p.proname) ORDER BY f.position)
    FROM (
      VALUES
        (1, 'INPUT', t.typinput::oid), (2, 'OUTPUT', t.typoutput), (3, 'RECEIVE', t.typreceive), (4, 'SEND', t.typsend),
        (8, 'SUBSCRIPT', t.typsubscript), -- [>= 14]
        (5, 'TYPMOD_IN', t.typmodin), (6, 'TYPMOD_OUT', t.typmodout), (7, 'ANALYZE', t.typanalyze)
    ) AS f (position, option, oid)
    JOIN pg_catalog.pg_proc AS p ON p.oid = f.oid
    JOIN pg_catalog.pg_namespace AS fn ON fn.oid = p.pronamespace
  ) AS "functions"
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem
WHERE t.typtype = 'b' AND t.typisdefined AND e.typarray IS DISTINCT FROM t.oid
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid AND m.deptype = 'e'
  )
