-- Purpose: range types. Columns: those of RangeRow; pairs are [schema, name]. The operator class is left out where it
-- is the one its own type has by default, the collation where it is the subtype's. Servers: 13 and later; multiranges
-- from 14.
-- Nothing without: range types.
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
  pg_catalog.format_type(r.rngsubtype, NULL) AS "subtype",
  CASE WHEN NOT (oc.opcdefault AND oc.opcintype = r.rngsubtype) THEN ARRAY[ocn.nspname, oc.opcname]::text[] END AS "operatorClass",
  CASE WHEN r.rngcollation <> st.typcollation THEN ARRAY[con.nspname, co.collname]::text[] END AS "collation",
  CASE WHEN ca.oid IS NOT NULL THEN ARRAY[can.nspname, ca.proname]::text[] END AS "canonical",
  CASE WHEN di.oid IS NOT NULL THEN ARRAY[din.nspname, di.proname]::text[] END AS "difference",
  mr.oid AS "multirangeOid", -- [>= 14]
  ARRAY[mrn.nspname, mr.typname]::text[] AS "multirange" -- [>= 14]
  NULL::oid AS "multirangeOid", -- [< 14]
  NULL::text[] AS "multirange" -- [< 14]
FROM pg_catalog.pg_range AS r
JOIN pg_catalog.pg_type AS t ON t.oid = r.rngtypid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type AS st ON st.oid = r.rngsubtype
JOIN pg_catalog.pg_opclass AS oc ON oc.oid = r.rngsubopc
JOIN pg_catalog.pg_namespace AS ocn ON ocn.oid = oc.opcnamespace
LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = r.rngcollation
LEFT JOIN pg_catalog.pg_namespace AS con ON con.oid = co.collnamespace
LEFT JOIN pg_catalog.pg_proc AS ca ON ca.oid = r.rngcanonical
LEFT JOIN pg_catalog.pg_namespace AS can ON can.oid = ca.pronamespace
LEFT JOIN pg_catalog.pg_proc AS di ON di.oid = r.rngsubdiff
LEFT JOIN pg_catalog.pg_namespace AS din ON din.oid = di.pronamespace
JOIN pg_catalog.pg_type AS mr ON mr.oid = r.rngmultitypid -- [>= 14]
JOIN pg_catalog.pg_namespace AS mrn ON mrn.oid = mr.typnamespace -- [>= 14]
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid AND m.deptype = 'e'
  )
