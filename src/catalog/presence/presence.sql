-- Purpose: which kinds of objects a database has at all. Columns: name. Servers: 13 and later.
-- Most databases have few of PostgreSQL's kinds. A query whose head says `Nothing without: x.` is not sent where there
-- is no x; each condition below follows from the one in the query's own WHERE, and may let through more, never less.
WITH system AS MATERIALIZED (
  SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname ~ '^pg_' OR n.nspname = 'information_schema'
), relation AS MATERIALIZED (
  SELECT DISTINCT c.relkind AS kind FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
), type AS MATERIALIZED (
  -- Array types come with theirs.
  SELECT DISTINCT t.typtype AS kind, t.typisdefined AS defined
  FROM pg_catalog.pg_type AS t
  LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem
  WHERE t.typnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s)) AND e.typarray IS DISTINCT FROM t.oid
), routine AS MATERIALIZED (
  SELECT DISTINCT p.prokind AS kind FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
)
SELECT present.name
FROM (
  VALUES
    ('access methods', EXISTS (SELECT FROM pg_catalog.pg_am AS a WHERE a.oid >= 16384)),
    ('aggregates', EXISTS (SELECT FROM routine AS r WHERE r.kind = 'a')),
    ('base types', EXISTS (SELECT FROM type AS t WHERE t.kind = 'b' AND t.defined)),
    ('casts', EXISTS (SELECT FROM pg_catalog.pg_cast AS c WHERE c.oid >= 16384)),
    ('collations', EXISTS (
      SELECT FROM pg_catalog.pg_collation AS c WHERE c.collnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('composite types', EXISTS (SELECT FROM relation AS r WHERE r.kind = 'c')),
    ('conversions', EXISTS (
      SELECT FROM pg_catalog.pg_conversion AS c WHERE c.connamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('default privileges', EXISTS (SELECT FROM pg_catalog.pg_default_acl)),
    ('domains', EXISTS (SELECT FROM type AS t WHERE t.kind = 'd')),
    ('enums', EXISTS (SELECT FROM type AS t WHERE t.kind = 'e')),
    ('event triggers', EXISTS (SELECT FROM pg_catalog.pg_event_trigger)),
    ('extensions', EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.oid >= 16384)),
    ('foreign data wrappers', EXISTS (SELECT FROM pg_catalog.pg_foreign_data_wrapper)),
    ('indexes', EXISTS (SELECT FROM relation AS r WHERE r.kind IN ('i', 'I'))),
    ('indexes of partitions', EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relkind = 'I')),
    ('languages', EXISTS (SELECT FROM pg_catalog.pg_language AS l WHERE l.oid >= 16384)),
    ('members of operator families', EXISTS (SELECT FROM pg_catalog.pg_amop AS a WHERE a.oid >= 16384)
      OR EXISTS (SELECT FROM pg_catalog.pg_amproc AS a WHERE a.oid >= 16384)),
    ('operator classes', EXISTS (
      SELECT FROM pg_catalog.pg_opclass AS c WHERE c.opcnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('operators', EXISTS (
      SELECT FROM pg_catalog.pg_operator AS o WHERE o.oprnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('operators of any schema', EXISTS (SELECT FROM pg_catalog.pg_operator AS o WHERE o.oid >= 16384)),
    ('policies', EXISTS (SELECT FROM pg_catalog.pg_policy)),
    ('publications', EXISTS (SELECT FROM pg_catalog.pg_publication)),
    ('range types', EXISTS (SELECT FROM type AS t WHERE t.kind = 'r')),
    ('routines', EXISTS (SELECT FROM routine AS r WHERE r.kind <> 'a')),
    ('rules', EXISTS (
      SELECT FROM pg_catalog.pg_rewrite AS r JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class
      WHERE r.ev_type <> '1' AND c.relnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('sequences', EXISTS (SELECT FROM relation AS r WHERE r.kind = 'S')),
    ('shell types', EXISTS (SELECT FROM type AS t WHERE NOT t.defined)),
    ('statistics', EXISTS (
      SELECT FROM pg_catalog.pg_statistic_ext AS x WHERE x.stxnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('text search configurations', EXISTS (
      SELECT FROM pg_catalog.pg_ts_config AS c WHERE c.cfgnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('text search dictionaries', EXISTS (
      SELECT FROM pg_catalog.pg_ts_dict AS d WHERE d.dictnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('text search parsers', EXISTS (
      SELECT FROM pg_catalog.pg_ts_parser AS p WHERE p.prsnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('text search templates', EXISTS (
      SELECT FROM pg_catalog.pg_ts_template AS t WHERE t.tmplnamespace <> ALL (ARRAY(SELECT s.oid FROM system AS s))
    )),
    ('transforms', EXISTS (SELECT FROM pg_catalog.pg_transform AS t WHERE t.oid >= 16384)),
    ('triggers', EXISTS (
      SELECT FROM pg_catalog.pg_trigger AS g WHERE NOT g.tgisinternal OR g.tgparentid <> 0 OR g.tgenabled <> 'O'
    )),
    ('views', EXISTS (SELECT FROM relation AS r WHERE r.kind IN ('v', 'm')))
) AS present (name, yes)
WHERE present.yes
