-- Purpose: what goes with the objects of some schemas, and has a name, or a place, of which there is one in the whole
--          database or that lies in another schema: it cannot be there twice, whatever the schemas are called.
-- Parameters: $1 text[] schemas, $2 text[] ids (kind:oid) of what stays in the target. Columns: identity text.
--             Servers: 13 and later.
WITH inside AS (
  SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1::text[])
), functions AS (
  SELECT p.oid FROM pg_catalog.pg_proc AS p WHERE p.pronamespace IN (SELECT i.oid FROM inside AS i)
), types AS (
  SELECT t.oid FROM pg_catalog.pg_type AS t WHERE t.typnamespace IN (SELECT i.oid FROM inside AS i)
), made AS (
  -- Types that stay are the same in both states, and so are their arrays.
  SELECT t.oid
  FROM pg_catalog.pg_type AS t
  JOIN types AS i ON i.oid = t.oid
  LEFT JOIN pg_catalog.pg_type AS element ON element.typarray = t.oid
  WHERE COALESCE(element.oid, t.oid) NOT IN (
    SELECT pg_catalog.substring(s.id, '(\d+)$')::oid
    FROM pg_catalog.unnest($2::text[]) AS s (id)
    WHERE s.id ~ '^(enum|domain|composite type):\d+$'
  )
), found AS (
  -- One for two types.
  SELECT 'pg_catalog.pg_cast'::regclass AS class, c.oid
  FROM pg_catalog.pg_cast AS c
  WHERE (
      c.castfunc IN (SELECT f.oid FROM functions AS f)
      OR c.castsource IN (SELECT t.oid FROM types AS t)
      OR c.casttarget IN (SELECT t.oid FROM types AS t)
    )
    AND (
      NOT EXISTS (SELECT FROM made AS m WHERE m.oid IN (c.castsource, c.casttarget))
      -- Both states would take it for theirs.
      OR EXISTS (
        SELECT FROM types AS t
        WHERE t.oid IN (c.castsource, c.casttarget) AND t.oid NOT IN (SELECT m.oid FROM made AS m)
      )
    )
  UNION ALL
  -- One for a type and a language.
  SELECT 'pg_catalog.pg_transform'::regclass, r.oid
  FROM pg_catalog.pg_transform AS r
  WHERE (r.trffromsql IN (SELECT f.oid FROM functions AS f) OR r.trftosql IN (SELECT f.oid FROM functions AS f))
    AND r.trftype NOT IN (SELECT m.oid FROM made AS m)
  UNION ALL
  -- Of a table inside, in another schema.
  SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid
  FROM pg_catalog.pg_statistic_ext AS s
  JOIN pg_catalog.pg_class AS c ON c.oid = s.stxrelid
  WHERE c.relnamespace IN (SELECT i.oid FROM inside AS i)
    AND s.stxnamespace NOT IN (SELECT i.oid FROM inside AS i)
  UNION ALL
  -- A type has one default class for each method, and a family one operator for each strategy.
  SELECT 'pg_catalog.pg_opclass'::regclass, o.oid
  FROM pg_catalog.pg_opclass AS o
  JOIN pg_catalog.pg_opfamily AS f ON f.oid = o.opcfamily
  WHERE o.opcnamespace IN (SELECT i.oid FROM inside AS i)
    AND o.opcintype NOT IN (SELECT m.oid FROM made AS m)
    AND (o.opcdefault OR f.opfnamespace NOT IN (SELECT i.oid FROM inside AS i))
  UNION ALL
  -- An operator outside has one commutator, and one negator.
  SELECT 'pg_catalog.pg_operator'::regclass, o.oid
  FROM pg_catalog.pg_operator AS o
  JOIN pg_catalog.pg_operator AS partner ON partner.oid IN (o.oprcom, o.oprnegate)
  WHERE o.oprnamespace IN (SELECT i.oid FROM inside AS i)
    AND partner.oprnamespace NOT IN (SELECT i.oid FROM inside AS i)
  UNION ALL
  -- Each row of a partitioned table belongs to one partition.
  SELECT 'pg_catalog.pg_class'::regclass, c.oid
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = c.oid
  JOIN pg_catalog.pg_class AS parent ON parent.oid = h.inhparent
  WHERE c.relispartition
    AND c.relkind IN ('r', 'p', 'f')
    AND c.relnamespace IN (SELECT i.oid FROM inside AS i)
    AND parent.relnamespace NOT IN (SELECT i.oid FROM inside AS i)
)
SELECT DISTINCT named.type || ' ' || named.identity AS identity
FROM found
CROSS JOIN LATERAL pg_catalog.pg_identify_object(found.class, found.oid, 0) AS named
ORDER BY 1
