-- Purpose: the statements that move everything in a schema into another one, object by object. What belongs to a table
--          (indexes, constraints, numbers of its columns, its row type) goes with it, and arrays with their types.
--          Types come last: what takes them as arguments is named by them.
-- Parameters: $1 text schema, $2 text where to. Columns: sql text, id text (relation, routine, type or other, and the
--             oid). Servers: 13 and later.
SELECT
  pg_catalog.format('ALTER %s SET SCHEMA %I', objects.named, $2::text) AS sql,
  CASE objects.rank WHEN 2 THEN 'routine' WHEN 3 THEN 'relation' WHEN 14 THEN 'type' ELSE 'other' END
    || ':' || objects.oid AS id
FROM pg_catalog.pg_namespace AS n
CROSS JOIN LATERAL (
  SELECT 14 AS rank, t.oid, 'TYPE ' || t.oid::regtype::text AS named
  FROM pg_catalog.pg_type AS t
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
  WHERE t.typnamespace = n.oid
    AND (t.typtype IN ('e', 'd', 'r', 'm', 'b') OR t.typtype = 'c' AND c.relkind = 'c')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS element WHERE element.typarray = t.oid)
  UNION ALL
  SELECT 2, p.oid, 'ROUTINE ' || p.oid::regprocedure::text FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = n.oid
  UNION ALL
  SELECT 3, c.oid, CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass::text
  FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = n.oid
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S'
        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    )
  UNION ALL
  SELECT 4, o.oid, 'OPERATOR ' || o.oid::regoperator::text FROM pg_catalog.pg_operator AS o WHERE o.oprnamespace = n.oid
  UNION ALL
  SELECT 5, f.oid, pg_catalog.format('OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, a.amname)
  FROM pg_catalog.pg_opfamily AS f JOIN pg_catalog.pg_am AS a ON a.oid = f.opfmethod WHERE f.opfnamespace = n.oid
  UNION ALL
  SELECT 6, k.oid, pg_catalog.format('OPERATOR CLASS %I.%I USING %I', n.nspname, k.opcname, a.amname)
  FROM pg_catalog.pg_opclass AS k JOIN pg_catalog.pg_am AS a ON a.oid = k.opcmethod WHERE k.opcnamespace = n.oid
  UNION ALL
  SELECT 7, o.oid, pg_catalog.format('COLLATION %I.%I', n.nspname, o.collname)
  FROM pg_catalog.pg_collation AS o WHERE o.collnamespace = n.oid
  UNION ALL
  SELECT 8, o.oid, pg_catalog.format('CONVERSION %I.%I', n.nspname, o.conname)
  FROM pg_catalog.pg_conversion AS o WHERE o.connamespace = n.oid
  UNION ALL
  SELECT 9, o.oid, pg_catalog.format('STATISTICS %I.%I', n.nspname, o.stxname)
  FROM pg_catalog.pg_statistic_ext AS o WHERE o.stxnamespace = n.oid
  UNION ALL
  SELECT 10, o.oid, pg_catalog.format('TEXT SEARCH PARSER %I.%I', n.nspname, o.prsname)
  FROM pg_catalog.pg_ts_parser AS o WHERE o.prsnamespace = n.oid
  UNION ALL
  SELECT 11, o.oid, pg_catalog.format('TEXT SEARCH TEMPLATE %I.%I', n.nspname, o.tmplname)
  FROM pg_catalog.pg_ts_template AS o WHERE o.tmplnamespace = n.oid
  UNION ALL
  SELECT 12, o.oid, pg_catalog.format('TEXT SEARCH DICTIONARY %I.%I', n.nspname, o.dictname)
  FROM pg_catalog.pg_ts_dict AS o WHERE o.dictnamespace = n.oid
  UNION ALL
  SELECT 13, o.oid, pg_catalog.format('TEXT SEARCH CONFIGURATION %I.%I', n.nspname, o.cfgname)
  FROM pg_catalog.pg_ts_config AS o WHERE o.cfgnamespace = n.oid
) AS objects
WHERE n.nspname = $1::text
ORDER BY objects.rank, objects.oid
