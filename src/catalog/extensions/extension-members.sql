-- Purpose: members of extensions: what each is now, whether somebody has changed it since the extension's script made
-- it, its comment and its owner. Columns: those of MemberRow. Servers: 13 and later. What a script makes is not
-- stored anywhere, but who wrote a row of a catalog is: the transaction (xmin) and the command in it (cmin). Rows
-- that the script left bear those of its own transactions: of the row that made something a member, or of the
-- extension's own row, which every update and move writes again. `later`: another transaction has written it since.
-- `touched`: that; of functions also whatever was written before they became members, as pg_upgrade makes them. A
-- later command of the extension's own transaction counts only where that transaction made a table besides (a run in
-- place, a migration): else it is one of the script's last. States are put in by extension-members.ts, which has them
-- read on the target as well.
-- Nothing without: extensions.
WITH member AS MATERIALIZED (
  SELECT
    d.classid, d.objid, d.xmin AS xid, d.cmin::text::int8 AS command,
    e.oid AS extension, e.extname, e.extversion, e.extowner
  FROM pg_catalog.pg_depend AS d
  JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e' AND e.oid >= 16384
), own AS MATERIALIZED (
  SELECT o.extension, o.xid::text AS xid, max(o.command) AS command
  FROM (
    SELECT m.extension, m.xid, m.command FROM member AS m
    UNION ALL
    SELECT e.oid, e.xmin, e.cmin::text::int8 FROM pg_catalog.pg_extension AS e
  ) AS o
  GROUP BY o.extension, o.xid::text
), busy AS MATERIALIZED (
  SELECT DISTINCT c.xmin::text AS xid
  FROM pg_catalog.pg_class AS c
  WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND c.relpersistence <> 't'
    AND NOT EXISTS (SELECT FROM member AS m WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid)
), written AS (
  SELECT m.*, true AS itself, p.xmin AS written_xid, p.cmin::text::int8 AS written_command
  FROM member AS m JOIN pg_catalog.pg_proc AS p ON m.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = m.objid
  -- Of an aggregate only grants, a new owner, name or schema write this row alone; what it does is in the next one.
  WHERE p.prokind <> 'a' OR (p.proacl IS NULL AND p.proowner = m.extowner)
  UNION ALL
  -- ALTER ... DEPENDS ON EXTENSION.
  SELECT m.*, true, d.xmin, d.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_depend AS d
    ON m.classid = 'pg_catalog.pg_proc'::regclass AND d.classid = m.classid AND d.objid = m.objid AND d.deptype = 'x'
  UNION ALL
  SELECT m.*, false, a.xmin, a.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_aggregate AS a ON m.classid = 'pg_catalog.pg_proc'::regclass AND a.aggfnoid = m.objid
  UNION ALL
  SELECT m.*, false, o.xmin, o.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_operator AS o ON m.classid = 'pg_catalog.pg_operator'::regclass AND o.oid = m.objid
  UNION ALL
  SELECT m.*, false, t.xmin, t.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_type AS t ON m.classid = 'pg_catalog.pg_type'::regclass AND t.oid = m.objid
  -- What has grants or another owner was written for them; another name or schema is the one more thing that writes
  -- the row of an enum, a range or a composite type.
  WHERE t.typtype = 'b' OR (t.typacl IS NULL AND t.typowner = m.extowner)
  UNION ALL
  SELECT m.*, false, k.xmin, k.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_opclass AS k ON m.classid = 'pg_catalog.pg_opclass'::regclass AND k.oid = m.objid
  WHERE k.opcowner = m.extowner
  UNION ALL
  SELECT m.*, false, f.xmin, f.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_opfamily AS f ON m.classid = 'pg_catalog.pg_opfamily'::regclass AND f.oid = m.objid
  WHERE f.opfowner = m.extowner
  UNION ALL
  SELECT m.*, false, k.xmin, k.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_conversion AS k ON m.classid = 'pg_catalog.pg_conversion'::regclass AND k.oid = m.objid
  WHERE k.conowner = m.extowner
  UNION ALL
  SELECT m.*, false, k.xmin, k.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_ts_config AS k ON m.classid = 'pg_catalog.pg_ts_config'::regclass AND k.oid = m.objid
  WHERE k.cfgowner = m.extowner
  UNION ALL
  SELECT m.*, false, p.xmin, p.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_ts_parser AS p ON m.classid = 'pg_catalog.pg_ts_parser'::regclass AND p.oid = m.objid
  UNION ALL
  SELECT m.*, false, t.xmin, t.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_ts_template AS t ON m.classid = 'pg_catalog.pg_ts_template'::regclass AND t.oid = m.objid
  UNION ALL
  SELECT m.*, false, k.xmin, k.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_constraint AS k ON m.classid = 'pg_catalog.pg_type'::regclass AND k.contypid = m.objid
  UNION ALL
  SELECT m.*, false, l.xmin, l.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_enum AS l ON m.classid = 'pg_catalog.pg_type'::regclass AND l.enumtypid = m.objid
  UNION ALL
  SELECT m.*, false, d.xmin, d.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_ts_dict AS d ON m.classid = 'pg_catalog.pg_ts_dict'::regclass AND d.oid = m.objid
  UNION ALL
  SELECT m.*, false, c.xmin, c.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_ts_config_map AS c
    ON m.classid = 'pg_catalog.pg_ts_config'::regclass AND c.mapcfg = m.objid
  UNION ALL
  SELECT m.*, false, w.xmin, w.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_foreign_data_wrapper AS w
    ON m.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass AND w.oid = m.objid
  UNION ALL
  SELECT m.*, false, s.xmin, s.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_foreign_server AS s
    ON m.classid = 'pg_catalog.pg_foreign_server'::regclass AND s.oid = m.objid
  UNION ALL
  SELECT m.*, false, t.xmin, t.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_event_trigger AS t
    ON m.classid = 'pg_catalog.pg_event_trigger'::regclass AND t.oid = m.objid
  UNION ALL
  -- A relation's own row is written for many reasons, of which only its options are a change of it.
  SELECT m.*, false, c.xmin, c.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_class AS c ON m.classid = 'pg_catalog.pg_class'::regclass AND c.oid = m.objid
  WHERE c.reloptions IS NOT NULL OR c.relpersistence = 'u'
  UNION ALL
  SELECT m.*, false, a.xmin, a.cmin::text::int8
  FROM member AS m
  JOIN pg_catalog.pg_class AS c ON
    c.oid = CASE m.classid
      WHEN 'pg_catalog.pg_class'::regclass THEN m.objid
      WHEN 'pg_catalog.pg_type'::regclass THEN (SELECT t.typrelid FROM pg_catalog.pg_type AS t WHERE t.oid = m.objid)
    END
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE a.attacl IS NULL AND c.relkind <> 'S'
  UNION ALL
  SELECT m.*, false, d.xmin, d.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_attrdef AS d ON m.classid = 'pg_catalog.pg_class'::regclass AND d.adrelid = m.objid
  UNION ALL
  SELECT m.*, false, r.xmin, r.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_rewrite AS r ON m.classid = 'pg_catalog.pg_class'::regclass AND r.ev_class = m.objid
  WHERE r.ev_type = '1'
  UNION ALL
  SELECT m.*, false, s.xmin, s.cmin::text::int8
  FROM member AS m JOIN pg_catalog.pg_sequence AS s ON m.classid = 'pg_catalog.pg_class'::regclass AND s.seqrelid = m.objid
), change AS MATERIALIZED (
  SELECT
    w.classid, w.objid,
    bool_or(
      (w.itself OR newer.yes) AND NOT (w.written_xid = w.xid AND w.written_command = w.command)
      AND (own.xid IS NULL OR (w.written_command > own.command AND busy.xid IS NOT NULL))
    ) AS touched,
    bool_or(newer.yes AND own.xid IS NULL) AS later
  FROM written AS w
  LEFT JOIN own ON own.extension = w.extension AND own.xid = w.written_xid::text
  LEFT JOIN busy ON busy.xid = w.written_xid::text
  CROSS JOIN LATERAL (
    SELECT CASE WHEN w.written_xid = w.xid THEN w.written_command > w.command
      ELSE pg_catalog.age(w.written_xid) < pg_catalog.age(w.xid) END
  ) AS newer (yes)
  GROUP BY w.classid, w.objid
)
SELECT
  catalog.relname AS "catalog",
  m.objid AS "oid",
  m.extension AS "extension",
  m.extname AS "extensionName",
  m.extversion AS "version",
  named.type AS "type",
  named.identity AS "identity",
  named.schema AS "schema",
  addressed.object_names AS "names",
  addressed.object_args AS "arguments",
  CASE catalog.relname
    /* states */
  END AS "state",
  CASE catalog.relname
    WHEN 'pg_proc' THEN (
      SELECT pg_catalog.jsonb_build_object(
        'definition',
          CASE WHEN p.prokind <> 'a' AND l.lanname NOT IN ('c', 'internal') THEN pg_catalog.pg_get_functiondef(p.oid) END,
        'volatility', p.provolatile, 'strict', p.proisstrict, 'securityDefiner', p.prosecdef, 'leakproof', p.proleakproof,
        'cost', p.procost::text, 'rows', p.prorows::text, 'parallel', p.proparallel,
        'support', NULLIF(p.prosupport::oid, 0)::regproc::text, 'settings', COALESCE(p.proconfig, '{}'),
        'goesWith', goes.names
      )
      FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
      WHERE p.oid = m.objid AND change.touched
    )
    WHEN 'pg_operator' THEN (
      SELECT pg_catalog.jsonb_build_object(
        'RESTRICT', NULLIF(o.oprrest::oid, 0)::regproc::text, 'JOIN', NULLIF(o.oprjoin::oid, 0)::regproc::text
      )
      || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object( -- [>= 17]
        'COMMUTATOR', CASE WHEN o.oprcom <> 0 THEN pg_catalog.format('OPERATOR(%I.%s)', cn.nspname, co.oprname) END, -- [>= 17]
        'NEGATOR', CASE WHEN o.oprnegate <> 0 THEN pg_catalog.format('OPERATOR(%I.%s)', nn.nspname, ne.oprname) END, -- [>= 17]
        'HASHES', CASE WHEN o.oprcanhash THEN 'true' END, -- [>= 17]
        'MERGES', CASE WHEN o.oprcanmerge THEN 'true' END -- [>= 17]
      )) -- [>= 17]
      FROM pg_catalog.pg_operator AS o
      LEFT JOIN pg_catalog.pg_operator AS co ON co.oid = o.oprcom
      LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.oprnamespace
      LEFT JOIN pg_catalog.pg_operator AS ne ON ne.oid = o.oprnegate
      LEFT JOIN pg_catalog.pg_namespace AS nn ON nn.oid = ne.oprnamespace
      WHERE o.oid = m.objid
    )
    WHEN 'pg_type' THEN (
      SELECT pg_catalog.jsonb_build_object(
        'STORAGE', CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,
        'RECEIVE', NULLIF(t.typreceive::oid, 0)::regproc::text, 'SEND', NULLIF(t.typsend::oid, 0)::regproc::text,
        'TYPMOD_IN', NULLIF(t.typmodin::oid, 0)::regproc::text, 'TYPMOD_OUT', NULLIF(t.typmodout::oid, 0)::regproc::text,
        'ANALYZE', NULLIF(t.typanalyze::oid, 0)::regproc::text
      )
      FROM pg_catalog.pg_type AS t WHERE t.oid = m.objid AND t.typtype = 'b'
    )
    WHEN 'pg_ts_dict' THEN (
      SELECT pg_catalog.jsonb_build_object('options', d.dictinitoption) FROM pg_catalog.pg_ts_dict AS d
      WHERE d.oid = m.objid
    )
    WHEN 'pg_foreign_data_wrapper' THEN (
      SELECT pg_catalog.jsonb_build_object(
        'options', COALESCE(w.fdwoptions, '{}'),
        'validator', NULLIF(w.fdwvalidator, 0)::regproc::text
      )
      FROM pg_catalog.pg_foreign_data_wrapper AS w WHERE w.oid = m.objid
    )
    WHEN 'pg_foreign_server' THEN (
      SELECT pg_catalog.jsonb_build_object('options', COALESCE(s.srvoptions, '{}'))
      FROM pg_catalog.pg_foreign_server AS s WHERE s.oid = m.objid
    )
    WHEN 'pg_event_trigger' THEN (
      SELECT pg_catalog.jsonb_build_object('state', t.evtenabled) FROM pg_catalog.pg_event_trigger AS t
      WHERE t.oid = m.objid
    )
  END AS "facts",
  goes.extensions AS "goesWith",
  COALESCE(change.touched, false) AS "touched",
  COALESCE(change.later, false) AS "later",
  pg_catalog.pg_get_userbyid(COALESCE(owner.oid, 10)) AS "owner",
  -- Whoever installs a trusted extension, what it holds belongs to the role that made the server.
  COALESCE(owner.oid NOT IN (10, m.extowner), false) AS "othersOwn",
  comment.description AS "comment",
  COALESCE(comment.touched, false) AS "commentTouched",
  COALESCE(comment.later, false) AS "commentLater",
  CASE catalog.relname
    /* part comments */
  END AS "partComments",
  parts.statements AS "partStatements",
  COALESCE(parts.touched, false) AS "partsTouched",
  COALESCE(parts.later, false) AS "partsLater"
FROM member AS m
JOIN pg_catalog.pg_class AS catalog ON catalog.oid = m.classid
CROSS JOIN LATERAL pg_catalog.pg_identify_object(m.classid, m.objid, 0) AS named
CROSS JOIN LATERAL pg_catalog.pg_identify_object_as_address(m.classid, m.objid, 0) AS addressed
LEFT JOIN change ON change.classid = m.classid AND change.objid = m.objid
-- pg_shdepend does not name owners among the roles of the server's own (pg_database_owner).
LEFT JOIN LATERAL (
  SELECT CASE catalog.relname
    WHEN 'pg_proc' THEN (SELECT o.proowner FROM pg_catalog.pg_proc AS o WHERE o.oid = m.objid)
    WHEN 'pg_type' THEN (SELECT o.typowner FROM pg_catalog.pg_type AS o WHERE o.oid = m.objid)
    WHEN 'pg_operator' THEN (SELECT o.oprowner FROM pg_catalog.pg_operator AS o WHERE o.oid = m.objid)
    WHEN 'pg_class' THEN (SELECT o.relowner FROM pg_catalog.pg_class AS o WHERE o.oid = m.objid)
    WHEN 'pg_opclass' THEN (SELECT o.opcowner FROM pg_catalog.pg_opclass AS o WHERE o.oid = m.objid)
    WHEN 'pg_opfamily' THEN (SELECT o.opfowner FROM pg_catalog.pg_opfamily AS o WHERE o.oid = m.objid)
    WHEN 'pg_collation' THEN (SELECT o.collowner FROM pg_catalog.pg_collation AS o WHERE o.oid = m.objid)
    WHEN 'pg_conversion' THEN (SELECT o.conowner FROM pg_catalog.pg_conversion AS o WHERE o.oid = m.objid)
    WHEN 'pg_ts_dict' THEN (SELECT o.dictowner FROM pg_catalog.pg_ts_dict AS o WHERE o.oid = m.objid)
    WHEN 'pg_ts_config' THEN (SELECT o.cfgowner FROM pg_catalog.pg_ts_config AS o WHERE o.oid = m.objid)
    WHEN 'pg_namespace' THEN (SELECT o.nspowner FROM pg_catalog.pg_namespace AS o WHERE o.oid = m.objid)
    WHEN 'pg_language' THEN (SELECT o.lanowner FROM pg_catalog.pg_language AS o WHERE o.oid = m.objid)
    WHEN 'pg_foreign_data_wrapper' THEN (SELECT o.fdwowner FROM pg_catalog.pg_foreign_data_wrapper AS o WHERE o.oid = m.objid)
    WHEN 'pg_foreign_server' THEN (SELECT o.srvowner FROM pg_catalog.pg_foreign_server AS o WHERE o.oid = m.objid)
    WHEN 'pg_event_trigger' THEN (SELECT o.evtowner FROM pg_catalog.pg_event_trigger AS o WHERE o.oid = m.objid)
  END AS oid
) AS owner ON true
LEFT JOIN LATERAL (
  SELECT
    d.description,
    NOT EXISTS (SELECT FROM own AS o WHERE o.extension = m.extension AND o.xid = d.xmin::text) AS later,
    NOT EXISTS (
      SELECT FROM own AS o
      WHERE o.extension = m.extension AND o.xid = d.xmin::text
        AND (d.cmin::text::int8 <= o.command OR o.xid NOT IN (SELECT b.xid FROM busy AS b))
    ) AS touched
  FROM pg_catalog.pg_description AS d
  WHERE d.classoid = m.classid AND d.objoid = m.objid AND d.objsubid = 0
) AS comment ON true
LEFT JOIN LATERAL (
  SELECT
    pg_catalog.array_agg(e.extname::text ORDER BY e.extname) AS names,
    pg_catalog.array_agg(e.oid::int8 ORDER BY e.extname) AS extensions
  FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
  WHERE d.classid = m.classid AND d.objid = m.objid AND d.deptype = 'x'
    AND d.refclassid = 'pg_catalog.pg_extension'::regclass
) AS goes ON true
LEFT JOIN LATERAL (
  SELECT
    pg_catalog.array_agg(
      pg_catalog.format('COMMENT ON %s IS %L;', part.named, d.description) ORDER BY part.named COLLATE "C"
    ) AS statements,
    bool_or(NOT EXISTS (SELECT FROM own AS o WHERE o.extension = m.extension AND o.xid = d.xmin::text)) AS later,
    bool_or(NOT EXISTS (
      SELECT FROM own AS o
      WHERE o.extension = m.extension AND o.xid = d.xmin::text
        AND (d.cmin::text::int8 <= o.command OR o.xid NOT IN (SELECT b.xid FROM busy AS b))
    )) AS touched
  FROM (
    SELECT
      'pg_catalog.pg_class'::regclass::oid AS classoid, a.attrelid AS objoid, a.attnum::int4 AS objsubid,
      pg_catalog.format('COLUMN %s.%I', named.identity, a.attname) AS named
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0
    WHERE t.oid = m.objid
    UNION ALL
    SELECT
      'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0,
      pg_catalog.format('CONSTRAINT %I ON DOMAIN %s', k.conname, named.identity)
    FROM pg_catalog.pg_constraint AS k WHERE k.contypid = m.objid
  ) AS part
  JOIN pg_catalog.pg_description AS d
    ON d.classoid = part.classoid AND d.objoid = part.objoid AND d.objsubid = part.objsubid
  WHERE catalog.relname = 'pg_type'
) AS parts ON true
-- Array types come with theirs, and row types with their tables; from 18 on they are members as well.
WHERE NOT (catalog.relname = 'pg_type' AND EXISTS (
  SELECT FROM pg_catalog.pg_type AS t LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
  WHERE t.typarray = m.objid OR (t.oid = m.objid AND c.relkind <> 'c')
))
ORDER BY m.extname, named.type, named.identity COLLATE "C"
