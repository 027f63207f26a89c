-- Purpose: foreign data wrappers. Columns: those of WrapperRow.
-- Servers: 13 and later.
-- Nothing without: foreign data wrappers.
SELECT
  w.oid,
  w.fdwname AS "name",
  pg_catalog.pg_get_userbyid(w.fdwowner) AS "owner",
  hn.nspname AS "handlerSchema",
  h.proname AS "handler",
  vn.nspname AS "validatorSchema",
  v.proname AS "validator",
  w.fdwoptions AS "options"
FROM pg_catalog.pg_foreign_data_wrapper AS w
LEFT JOIN pg_catalog.pg_proc AS h ON h.oid = w.fdwhandler
LEFT JOIN pg_catalog.pg_namespace AS hn ON hn.oid = h.pronamespace
LEFT JOIN pg_catalog.pg_proc AS v ON v.oid = w.fdwvalidator
LEFT JOIN pg_catalog.pg_namespace AS vn ON vn.oid = v.pronamespace
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS m
  WHERE m.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass AND m.objid = w.oid AND m.deptype = 'e'
)
