-- Purpose: a mark that is another one when somebody has changed a definition in some schemas: which rows of the
--          catalogue there are, and who wrote them last. VACUUM and ANALYZE write over statistics in their place.
-- Parameters: $1 text[] schemas. Columns: mark text. Servers: 13 and later.
WITH relations AS (
  SELECT c.oid, c.xmin AS row
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1::text[])
), schemas AS (
  SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1::text[])
)
SELECT pg_catalog.md5(pg_catalog.string_agg(rows.row, ',' ORDER BY rows.row)) AS mark
FROM (
  SELECT 'c' || r.oid || ':' || r.row AS row FROM relations AS r
  UNION ALL SELECT 'a' || a.attrelid || '.' || a.attnum || ':' || a.xmin
    FROM pg_catalog.pg_attribute AS a JOIN relations AS r ON r.oid = a.attrelid
  UNION ALL SELECT 'd' || d.oid || ':' || d.xmin
    FROM pg_catalog.pg_attrdef AS d JOIN relations AS r ON r.oid = d.adrelid
  UNION ALL SELECT 'k' || k.oid || ':' || k.xmin
    FROM pg_catalog.pg_constraint AS k JOIN schemas AS s ON s.oid = k.connamespace
  UNION ALL SELECT 'i' || i.indexrelid || ':' || i.xmin
    FROM pg_catalog.pg_index AS i JOIN relations AS r ON r.oid = i.indrelid
  UNION ALL SELECT 'h' || h.inhrelid || '.' || h.inhparent || ':' || h.xmin
    FROM pg_catalog.pg_inherits AS h JOIN relations AS r ON r.oid = h.inhrelid
  UNION ALL SELECT 'q' || q.seqrelid || ':' || q.xmin
    FROM pg_catalog.pg_sequence AS q JOIN relations AS r ON r.oid = q.seqrelid
  UNION ALL SELECT 'w' || w.oid || ':' || w.xmin
    FROM pg_catalog.pg_rewrite AS w JOIN relations AS r ON r.oid = w.ev_class
  UNION ALL SELECT 't' || t.oid || ':' || t.xmin
    FROM pg_catalog.pg_trigger AS t JOIN relations AS r ON r.oid = t.tgrelid
  UNION ALL SELECT 'p' || p.oid || ':' || p.xmin
    FROM pg_catalog.pg_policy AS p JOIN relations AS r ON r.oid = p.polrelid
  UNION ALL SELECT 'b' || b.oid || ':' || b.xmin
    FROM pg_catalog.pg_publication_rel AS b JOIN relations AS r ON r.oid = b.prrelid
  UNION ALL SELECT 'f' || f.oid || ':' || f.xmin
    FROM pg_catalog.pg_proc AS f JOIN schemas AS s ON s.oid = f.pronamespace
  UNION ALL SELECT 'y' || y.oid || ':' || y.xmin
    FROM pg_catalog.pg_type AS y JOIN schemas AS s ON s.oid = y.typnamespace
  UNION ALL SELECT 'o' || o.oid || ':' || o.xmin
    FROM pg_catalog.pg_operator AS o JOIN schemas AS s ON s.oid = o.oprnamespace
  UNION ALL SELECT 'e' || e.oid || ':' || e.xmin
    FROM pg_catalog.pg_enum AS e
    JOIN pg_catalog.pg_type AS y ON y.oid = e.enumtypid JOIN schemas AS s ON s.oid = y.typnamespace
  UNION ALL SELECT 'l' || l.oid || ':' || l.xmin
    FROM pg_catalog.pg_collation AS l JOIN schemas AS s ON s.oid = l.collnamespace
  UNION ALL SELECT 'v' || v.oid || ':' || v.xmin
    FROM pg_catalog.pg_conversion AS v JOIN schemas AS s ON s.oid = v.connamespace
  UNION ALL SELECT 'oc' || o.oid || ':' || o.xmin
    FROM pg_catalog.pg_opclass AS o JOIN schemas AS s ON s.oid = o.opcnamespace
  UNION ALL SELECT 'of' || f.oid || ':' || f.xmin
    FROM pg_catalog.pg_opfamily AS f JOIN schemas AS s ON s.oid = f.opfnamespace
  UNION ALL SELECT 'oo' || o.oid || ':' || o.xmin
    FROM pg_catalog.pg_amop AS o
    JOIN pg_catalog.pg_opfamily AS f ON f.oid = o.amopfamily JOIN schemas AS s ON s.oid = f.opfnamespace
  UNION ALL SELECT 'op' || o.oid || ':' || o.xmin
    FROM pg_catalog.pg_amproc AS o
    JOIN pg_catalog.pg_opfamily AS f ON f.oid = o.amprocfamily JOIN schemas AS s ON s.oid = f.opfnamespace
  UNION ALL SELECT 'tp' || t.oid || ':' || t.xmin
    FROM pg_catalog.pg_ts_parser AS t JOIN schemas AS s ON s.oid = t.prsnamespace
  UNION ALL SELECT 'tt' || t.oid || ':' || t.xmin
    FROM pg_catalog.pg_ts_template AS t JOIN schemas AS s ON s.oid = t.tmplnamespace
  UNION ALL SELECT 'td' || t.oid || ':' || t.xmin
    FROM pg_catalog.pg_ts_dict AS t JOIN schemas AS s ON s.oid = t.dictnamespace
  UNION ALL SELECT 'tc' || t.oid || ':' || t.xmin
    FROM pg_catalog.pg_ts_config AS t JOIN schemas AS s ON s.oid = t.cfgnamespace
  UNION ALL SELECT 'tm' || m.mapcfg || '.' || m.maptokentype || '.' || m.mapseqno || ':' || m.xmin
    FROM pg_catalog.pg_ts_config_map AS m
    JOIN pg_catalog.pg_ts_config AS t ON t.oid = m.mapcfg JOIN schemas AS s ON s.oid = t.cfgnamespace
  UNION ALL SELECT 'ft' || t.ftrelid || ':' || t.xmin
    FROM pg_catalog.pg_foreign_table AS t JOIN relations AS r ON r.oid = t.ftrelid
  -- Of the whole database: which of them are said of these schemas takes longer to find than to read again.
  UNION ALL SELECT 'st' || x.oid || ':' || x.xmin FROM pg_catalog.pg_statistic_ext AS x WHERE x.oid >= 16384
  UNION ALL SELECT 'ca' || c.oid || ':' || c.xmin FROM pg_catalog.pg_cast AS c WHERE c.oid >= 16384
  UNION ALL SELECT 'tr' || t.oid || ':' || t.xmin FROM pg_catalog.pg_transform AS t
  UNION ALL SELECT 'm' || m.classoid || '.' || m.objoid || '.' || m.objsubid || ':' || m.xmin
    FROM pg_catalog.pg_description AS m WHERE m.objoid >= 16384
  UNION ALL SELECT 'sl' || l.classoid || '.' || l.objoid || '.' || l.objsubid || '.' || l.provider || ':' || l.xmin
    FROM pg_catalog.pg_seclabel AS l WHERE l.objoid >= 16384
) AS rows
