-- Purpose: text search dictionaries. Columns: those of DictionaryRow. Servers: 13 and later.
-- `options` is SQL: the server keeps the options as it would print them.
-- Nothing without: text search dictionaries.
SELECT
  d.oid AS "oid",
  n.nspname AS "schema",
  d.dictname AS "name",
  pg_catalog.pg_get_userbyid(d.dictowner) AS "owner",
  tn.nspname AS "templateSchema",
  t.tmplname AS "templateName",
  d.dictinitoption AS "options"
FROM pg_catalog.pg_ts_dict AS d
JOIN pg_catalog.pg_namespace AS n ON n.oid = d.dictnamespace
JOIN pg_catalog.pg_ts_template AS t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.tmplnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_ts_dict'::regclass AND m.objid = d.oid AND m.deptype = 'e'
  )
