-- Purpose: members of operator families: operators (pg_amop) and functions (pg_amproc). Columns: those of MemberRow.
-- Servers: 13 and later. A member that pg_depend ties to a class is made by the class, any other one by its family.
-- Nothing without: members of operator families.
WITH member AS (
  SELECT
    a.tableoid AS classid, a.oid, a.amopfamily AS family, a.amopstrategy AS number,
    a.amoplefttype AS left_type, a.amoprighttype AS right_type, a.amopsortfamily AS sort_family,
    on_.nspname AS schema, o.oprname AS name, NULL::oidvector AS arguments,
    o.tableoid AS subject_classid, o.oid AS subject
  FROM pg_catalog.pg_amop AS a
  JOIN pg_catalog.pg_operator AS o ON o.oid = a.amopopr
  JOIN pg_catalog.pg_namespace AS on_ ON on_.oid = o.oprnamespace
  UNION ALL
  SELECT
    a.tableoid, a.oid, a.amprocfamily, a.amprocnum,
    a.amproclefttype, a.amprocrighttype, 0,
    pn.nspname, p.proname, p.proargtypes,
    p.tableoid, p.oid
  FROM pg_catalog.pg_amproc AS a
  JOIN pg_catalog.pg_proc AS p ON p.oid = a.amproc
  JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.pronamespace
)
SELECT
  catalog.relname AS "catalog",
  m.oid AS "oid",
  m.family AS "family",
  (
    SELECT d.refobjid FROM pg_catalog.pg_depend AS d
    WHERE d.classid = m.classid AND d.objid = m.oid AND d.refclassid = 'pg_catalog.pg_opclass'::regclass
  ) AS "class",
  m.number AS "number",
  pg_catalog.format_type(m.left_type, NULL) AS "left",
  pg_catalog.format_type(m.right_type, NULL) AS "right",
  m.schema AS "schema",
  m.name AS "name",
  pg_catalog.oidvectortypes(m.arguments) AS "arguments",
  sn.nspname AS "sortSchema",
  s.opfname AS "sortFamily",
  (
    -- Members of families that are not the user's say themselves not who added them; what they are about does.
    SELECT bool_or(about.oid >= 16384 AND NOT about.member) OR (m.family < 16384 AND NOT bool_or(about.member))
    FROM (
      -- Array and row types are members through what they are made from.
      SELECT r.oid, EXISTS (
        SELECT FROM pg_catalog.pg_depend AS e
        LEFT JOIN pg_catalog.pg_depend AS ee
          ON e.deptype = 'i' AND ee.classid = e.refclassid AND ee.objid = e.refobjid AND ee.deptype = 'e'
        WHERE e.classid = r.classid AND e.objid = r.oid AND (e.deptype = 'e' OR ee.deptype IS NOT NULL)
      ) AS member
      FROM (
        VALUES
          (m.subject_classid, m.subject),
          ('pg_catalog.pg_type'::regclass::oid, m.left_type),
          ('pg_catalog.pg_type'::regclass::oid, m.right_type)
      ) AS r (classid, oid)
    ) AS about
  ) AS "users"
FROM member AS m
JOIN pg_catalog.pg_class AS catalog ON catalog.oid = m.classid
LEFT JOIN pg_catalog.pg_opfamily AS s ON s.oid = m.sort_family
LEFT JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.opfnamespace
WHERE m.oid >= 16384
-- Functions of the same number in the order in which they were made, as pg_dump has them.
ORDER BY
  m.family, catalog.relname, m.number, CASE WHEN m.arguments IS NOT NULL THEN m.oid END,
  pg_catalog.format_type(m.left_type, NULL) COLLATE "C", pg_catalog.format_type(m.right_type, NULL) COLLATE "C"
