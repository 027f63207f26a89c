-- Purpose: whether this role may change rows of tables without anybody else's triggers, rules or policies at work.
-- Parameters: $1 text[] qualified names of tables, $2 text[] of sequences. Columns: what text (a table, sequence or
--          database), lacks text (what stands in the way, as words after the name). Servers: 13 and later.
WITH tables AS (
  SELECT w.name, pg_catalog.to_regclass(w.name) AS rel FROM unnest($1::text[]) AS w (name)
),
faults (what, lacks) AS (
  SELECT t.name, 'may not be read and written by this role (SELECT, INSERT, UPDATE, DELETE)'
  FROM tables AS t
  WHERE NOT (
    pg_catalog.has_table_privilege(t.rel, 'SELECT') AND pg_catalog.has_table_privilege(t.rel, 'INSERT')
    AND pg_catalog.has_table_privilege(t.rel, 'UPDATE') AND pg_catalog.has_table_privilege(t.rel, 'DELETE')
  )
  UNION ALL
  SELECT t.name, 'has row-level security that applies to this role'
  FROM tables AS t
  WHERE pg_catalog.row_security_active(t.rel)
  UNION ALL
  SELECT t.name, pg_catalog.format('has trigger %I, which is enabled always or for replicas', g.tgname)
  FROM tables AS t
  JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = t.rel AND NOT g.tgisinternal AND g.tgenabled IN ('A', 'R')
  UNION ALL
  SELECT t.name, pg_catalog.format('has rule %I, which is enabled always or for replicas', r.rulename)
  FROM tables AS t
  JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = t.rel AND r.ev_type <> '1' AND r.ev_enabled IN ('A', 'R')
  UNION ALL
  SELECT w.name, 'belongs to a role of which this one is no member, so its number cannot be set'
  FROM unnest($2::text[]) AS w (name)
  JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(w.name)
  WHERE NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
  UNION ALL
  SELECT 'the database', 'takes no new schema of this role (CREATE), in which the rows for an undo are kept'
  WHERE NOT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
  UNION ALL
  SELECT 'the database', 'gives this role no temporary tables (TEMPORARY)'
  WHERE NOT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')
)
SELECT what, lacks FROM faults
