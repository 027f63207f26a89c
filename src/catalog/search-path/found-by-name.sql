-- Purpose: everything besides routines that a plain name may find in a schema of users. Columns: those of NamedRow.
-- Servers: 13 and later.
WITH named AS (
  SELECT
    'relation' AS kind, 'pg_class' AS "catalog", c.oid, c.relnamespace AS schema, c.relname AS name, 0::oid AS array_type,
    ARRAY(
      SELECT a.atttypid FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.atttypid >= 16384
    ) AS types,
    EXISTS (SELECT FROM pg_catalog.pg_class AS own WHERE own.relname = c.relname AND own.relnamespace = 'pg_catalog'::regnamespace) AS built_in
  FROM pg_catalog.pg_class AS c
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  UNION ALL
  SELECT
    'type', 'pg_type', t.oid, t.typnamespace, t.typname, t.typarray,
    ARRAY[t.typbasetype] || ARRAY(
      SELECT a.atttypid FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND a.atttypid >= 16384
    ),
    EXISTS (SELECT FROM pg_catalog.pg_type AS own WHERE own.typname = t.typname AND own.typnamespace = 'pg_catalog'::regnamespace)
  FROM pg_catalog.pg_type AS t
  WHERE t.typcategory <> 'A'
  UNION ALL
  SELECT
    'operator', 'pg_operator', o.oid, o.oprnamespace, o.oprname, 0, ARRAY[o.oprleft, o.oprright],
    EXISTS (SELECT FROM pg_catalog.pg_operator AS own WHERE own.oprname = o.oprname AND own.oprnamespace = 'pg_catalog'::regnamespace)
  FROM pg_catalog.pg_operator AS o
  UNION ALL
  SELECT
    'collation', 'pg_collation', c.oid, c.collnamespace, c.collname, 0, '{}',
    EXISTS (SELECT FROM pg_catalog.pg_collation AS own WHERE own.collname = c.collname AND own.collnamespace = 'pg_catalog'::regnamespace)
  FROM pg_catalog.pg_collation AS c
  UNION ALL
  SELECT
    'text search', 'pg_ts_config', c.oid, c.cfgnamespace, c.cfgname, 0, '{}',
    EXISTS (SELECT FROM pg_catalog.pg_ts_config AS own WHERE own.cfgname = c.cfgname AND own.cfgnamespace = 'pg_catalog'::regnamespace)
  FROM pg_catalog.pg_ts_config AS c
  UNION ALL
  SELECT
    'text search', 'pg_ts_dict', d.oid, d.dictnamespace, d.dictname, 0, '{}',
    EXISTS (SELECT FROM pg_catalog.pg_ts_dict AS own WHERE own.dictname = d.dictname AND own.dictnamespace = 'pg_catalog'::regnamespace)
  FROM pg_catalog.pg_ts_dict AS d
)
SELECT
  named.kind, named."catalog", named.oid, n.nspname AS "schema", named.name, named.array_type AS "arrayType", named.types,
  named.built_in AS "builtIn"
FROM named
JOIN pg_catalog.pg_namespace AS n ON n.oid = named.schema
WHERE named.oid >= 16384 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
