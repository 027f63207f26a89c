-- Purpose: triggers of tables, foreign tables and views; clones that a partition got from its parent's trigger;
-- constraint triggers that someone disabled. Columns: those of TriggerRow. Servers: 13 and later (clones are internal
-- before 15).
-- Nothing without: triggers.
SELECT
  g.oid,
  g.tgname AS "name",
  g.tgrelid AS "table",
  c.relkind AS "relkind",
  n.nspname AS "schema",
  c.relname AS "tableName",
  g.tgparentid AS "parent",
  -- Before 15 clones are internal too; those of a constraint's own triggers are, whoever's clones they are.
  g.tgisinternal AND (g.tgparentid = 0 OR COALESCE(k.contype <> 't', false)) AS "internal",
  g.tgenabled AS "state",
  -- CREATE CONSTRAINT TRIGGER has a constraint row of its own; a trigger of a foreign key or a unique constraint does
  -- not.
  CASE WHEN k.contype = 't' THEN k.oid END AS "constraint",
  k.conname AS "constraintName",
  CASE WHEN k.contype <> 't' THEN k.conname END AS "of",
  CASE WHEN NOT g.tgisinternal AND g.tgparentid = 0 THEN pg_catalog.pg_get_triggerdef(g.oid, false) END AS "definition"
FROM pg_catalog.pg_trigger AS g
JOIN pg_catalog.pg_class AS c ON c.oid = g.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint AS k ON k.oid = g.tgconstraint
WHERE c.relkind IN ('r', 'p', 'f', 'v') AND c.relpersistence <> 't'
  AND (NOT g.tgisinternal OR (g.tgparentid <> 0 AND (k.oid IS NULL OR k.contype = 't')) OR g.tgenabled <> 'O')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
