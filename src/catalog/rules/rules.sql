-- Purpose: rewrite rules, the queries of views aside. Columns: those of RuleRow. Servers: 13 and later.
-- Nothing without: rules.
SELECT
  r.oid,
  r.rulename AS "name",
  r.ev_class AS "table",
  c.relkind AS "relkind",
  n.nspname AS "schema",
  c.relname AS "tableName",
  r.ev_enabled AS "state",
  pg_catalog.pg_get_ruledef(r.oid) AS "definition"
FROM pg_catalog.pg_rewrite AS r
JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE r.ev_type <> '1' AND c.relkind IN ('r', 'p', 'v') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
