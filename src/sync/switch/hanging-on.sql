-- Purpose: what lies outside some schemas and needs something in them, so that they cannot be removed without it.
-- Parameters: $1 text[] schemas. Columns: identity text. Servers: 13 and later.
WITH schemas AS (
  SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1::text[])
), inside AS (
  SELECT 'pg_catalog.pg_class'::regclass AS class, c.oid
  FROM pg_catalog.pg_class AS c WHERE c.relnamespace IN (SELECT s.oid FROM schemas AS s)
  UNION ALL
  SELECT 'pg_catalog.pg_type'::regclass, t.oid
  FROM pg_catalog.pg_type AS t WHERE t.typnamespace IN (SELECT s.oid FROM schemas AS s)
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::regclass, p.oid
  FROM pg_catalog.pg_proc AS p WHERE p.pronamespace IN (SELECT s.oid FROM schemas AS s)
), dependents AS (
  SELECT DISTINCT d.classid, d.objid
  FROM pg_catalog.pg_depend AS d
  JOIN inside AS i ON i.class = d.refclassid AND i.oid = d.refobjid
  WHERE d.deptype IN ('n', 'a')
), resolved AS (
  SELECT
    d.classid,
    d.objid,
    -- The relation whose part it is.
    CASE d.classid
      WHEN 'pg_catalog.pg_class'::regclass THEN d.objid
      WHEN 'pg_catalog.pg_rewrite'::regclass
        THEN (SELECT r.ev_class FROM pg_catalog.pg_rewrite AS r WHERE r.oid = d.objid)
      WHEN 'pg_catalog.pg_attrdef'::regclass
        THEN (SELECT a.adrelid FROM pg_catalog.pg_attrdef AS a WHERE a.oid = d.objid)
      WHEN 'pg_catalog.pg_constraint'::regclass
        THEN (SELECT c.conrelid FROM pg_catalog.pg_constraint AS c WHERE c.oid = d.objid)
      WHEN 'pg_catalog.pg_trigger'::regclass
        THEN (SELECT t.tgrelid FROM pg_catalog.pg_trigger AS t WHERE t.oid = d.objid)
      WHEN 'pg_catalog.pg_policy'::regclass
        THEN (SELECT p.polrelid FROM pg_catalog.pg_policy AS p WHERE p.oid = d.objid)
      WHEN 'pg_catalog.pg_publication_rel'::regclass
        THEN (SELECT p.prrelid FROM pg_catalog.pg_publication_rel AS p WHERE p.oid = d.objid)
    END AS relation
  FROM dependents AS d
)
SELECT DISTINCT named.type || ' ' || named.identity AS identity
FROM resolved AS r
CROSS JOIN LATERAL pg_catalog.pg_identify_object(r.classid, r.objid, 0) AS named
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = r.relation
WHERE CASE
    WHEN c.oid IS NOT NULL THEN c.relnamespace NOT IN (SELECT s.oid FROM schemas AS s)
    -- Without schemas of their own: of types that go, and in families that go.
    WHEN r.classid IN ('pg_catalog.pg_cast'::regclass, 'pg_catalog.pg_transform'::regclass) THEN false
    WHEN r.classid = 'pg_catalog.pg_amop'::regclass THEN NOT EXISTS (
      SELECT FROM pg_catalog.pg_amop AS o JOIN pg_catalog.pg_opfamily AS f ON f.oid = o.amopfamily
      WHERE o.oid = r.objid AND f.opfnamespace IN (SELECT s.oid FROM schemas AS s)
    )
    WHEN r.classid = 'pg_catalog.pg_amproc'::regclass THEN NOT EXISTS (
      SELECT FROM pg_catalog.pg_amproc AS o JOIN pg_catalog.pg_opfamily AS f ON f.oid = o.amprocfamily
      WHERE o.oid = r.objid AND f.opfnamespace IN (SELECT s.oid FROM schemas AS s)
    )
    ELSE COALESCE(named.schema, '') <> ALL ($1::text[])
  END
  -- Sequences of their own columns, and the like, go along.
  AND NOT EXISTS (SELECT FROM inside AS i WHERE i.class = r.classid AND i.oid = r.objid)
ORDER BY 1
