-- Purpose: tables and sequences whose rows an extension asks to have dumped (pg_extension_config_dump), each once.
-- Columns: those of ConfigRow. Servers: 13 and later. Rows of views, partitioned and foreign tables are nobody's to
-- dump. `references`: other such tables that its foreign keys lead to.
-- Nothing without: extensions.
SELECT
  e.oid AS "extension",
  e.extname AS "extensionName",
  c.oid,
  n.nspname AS "schema",
  c.relname AS "name",
  c.relkind AS "relkind",
  COALESCE(e.extcondition[config.position], '') AS "condition",
  ARRAY(
    SELECT pg_catalog.json_build_object(
      'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'notNull', a.attnotnull, 'generated', a.attgenerated <> '', 'hasDefault', a.atthasdef OR a.attidentity <> ''
    )
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
  ) AS "columns",
  ARRAY(
    SELECT a.attname::text
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS key (attnum, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = key.attnum
    WHERE i.indrelid = c.oid AND i.indisprimary AND key.position <= i.indnkeyatts ORDER BY key.position
  ) AS "keyColumns",
  ARRAY(
    SELECT DISTINCT k.confrelid FROM pg_catalog.pg_constraint AS k
    WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid
  ) AS "references",
  ARRAY(
    SELECT pg_catalog.json_build_object('oid', t.oid::int8, 'name', t.tgname, 'state', t.tgenabled)
    FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' ORDER BY t.tgname COLLATE "C"
  ) AS "triggers",
  (
    SELECT d.refobjid FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND c.relkind = 'S'
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    LIMIT 1
  ) AS "ownedBy",
  GREATEST(c.reltuples, 0)::float8 AS "rowsEstimated",
  CASE WHEN c.relkind = 'r' THEN
    (pg_catalog.pg_relation_size(c.oid)
      + COALESCE(pg_catalog.pg_relation_size(NULLIF(c.reltoastrelid, 0)), 0))::float8
  ELSE 0 END AS "bytes"
FROM pg_catalog.pg_extension AS e
CROSS JOIN LATERAL pg_catalog.unnest(e.extconfig) WITH ORDINALITY AS config (oid, position)
JOIN pg_catalog.pg_class AS c ON c.oid = config.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE e.oid >= 16384 AND c.relkind IN ('r', 'S') AND c.relpersistence <> 't'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
