-- Purpose: what was granted and revoked, as the difference between an object's access list and the one it is born
-- with. Large objects, which may be as many as rows, have theirs with their contents. Columns: those of PrivilegeRow,
-- one row per access item that differs. Servers: 13 and later. The base is what initdb or the extension's script left
-- (pg_init_privs), else the built-in default for the owner. Schema public is compared with what a new database of 15
-- and later gives it, whatever the source's version (as pg_dump does). Items are compared whole, as the server keeps
-- one per grantee and grantor.
WITH subject AS (
  SELECT
    c.tableoid AS classoid, c.oid AS objoid, 0 AS objsubid,
    CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
    c.relnamespace AS namespace, c.relname AS name, NULL::text AS arguments, NULL::name AS "column",
    c.relowner AS owner, c.relacl AS acl,
    pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner) AS standard
  FROM pg_catalog.pg_class AS c
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
  UNION ALL
  SELECT
    c.tableoid, c.oid, a.attnum, 'table', c.relnamespace, c.relname, NULL, a.attname,
    c.relowner, a.attacl, pg_catalog.acldefault('c', c.relowner)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND NOT a.attisdropped
    AND (a.attacl IS NOT NULL OR EXISTS (
      SELECT FROM pg_catalog.pg_init_privs AS i
      WHERE i.classoid = 'pg_catalog.pg_class'::regclass AND i.objoid = a.attrelid AND i.objsubid = a.attnum
    ))
  UNION ALL
  SELECT
    n.tableoid, n.oid, 0, 'schema', NULL, n.nspname, NULL, NULL,
    n.nspowner, n.nspacl, pg_catalog.acldefault('n', n.nspowner)
  FROM pg_catalog.pg_namespace AS n
  WHERE n.nspname !~ '^pg_(toast_)?temp_'
  UNION ALL
  SELECT
    p.tableoid, p.oid, 0, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
    -- What makes values of a range is made with it: under the name that the type has then, beside the range.
    COALESCE(
      (SELECT t.typnamespace FROM pg_catalog.pg_range AS r JOIN pg_catalog.pg_type AS t ON t.oid = r.rngtypid -- [>= 14]
       WHERE r.rngmultitypid = made.oid), -- [>= 14]
      made.typnamespace,
      p.pronamespace
    ),
    COALESCE(made.typname, p.proname),
    -- Types are enough, and versions of an extension name their arguments differently. Procedures may differ in what
    -- they return.
    CASE p.prokind
      WHEN 'p' THEN pg_catalog.pg_get_function_identity_arguments(p.oid)
      ELSE pg_catalog.oidvectortypes(p.proargtypes)
    END,
    NULL,
    p.proowner, p.proacl, pg_catalog.acldefault('f', p.proowner)
  FROM pg_catalog.pg_proc AS p
  LEFT JOIN (
    pg_catalog.pg_depend AS m
    JOIN pg_catalog.pg_type AS made
      ON m.refclassid = 'pg_catalog.pg_type'::regclass AND made.oid = m.refobjid
  ) ON m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid AND m.deptype = 'i'
  WHERE p.proacl IS NOT NULL OR EXISTS (
    SELECT FROM pg_catalog.pg_init_privs AS i
    WHERE i.classoid = 'pg_catalog.pg_proc'::regclass AND i.objoid = p.oid
  )
  UNION ALL
  SELECT
    t.tableoid, t.oid, 0, 'type', t.typnamespace, t.typname, NULL, NULL,
    t.typowner, t.typacl, pg_catalog.acldefault('T', t.typowner)
  FROM pg_catalog.pg_type AS t
  -- Servers 14 to 16 keep grants on multiranges; from 17 on these follow their range, and a grant is an error.
  WHERE t.typtype <> 'm' AND (t.typacl IS NOT NULL OR EXISTS (
    SELECT FROM pg_catalog.pg_init_privs AS i
    WHERE i.classoid = 'pg_catalog.pg_type'::regclass AND i.objoid = t.oid
  ))
  UNION ALL
  SELECT
    l.tableoid, l.oid, 0, 'language', NULL, l.lanname, NULL, NULL,
    l.lanowner, l.lanacl, pg_catalog.acldefault('l', l.lanowner)
  FROM pg_catalog.pg_language AS l
  WHERE l.lanpltrusted
  UNION ALL
  SELECT
    w.tableoid, w.oid, 0, 'foreign data wrapper', NULL, w.fdwname, NULL, NULL,
    w.fdwowner, w.fdwacl, pg_catalog.acldefault('F', w.fdwowner)
  FROM pg_catalog.pg_foreign_data_wrapper AS w
  UNION ALL
  SELECT
    f.tableoid, f.oid, 0, 'foreign server', NULL, f.srvname, NULL, NULL,
    f.srvowner, f.srvacl, pg_catalog.acldefault('S', f.srvowner)
  FROM pg_catalog.pg_foreign_server AS f
), compared AS (
  SELECT
    s.*,
    COALESCE(s.acl, s.standard) AS present,
    CASE
      WHEN s.kind = 'schema' AND s.name = 'public'
        THEN s.standard || pg_catalog.makeaclitem(0, s.owner, 'USAGE', false)
      -- initdb's own schema public with another name.
      WHEN s.kind = 'schema' AND s.name !~ '^pg_' AND i.privtype = 'i' THEN s.standard
      ELSE COALESCE(i.initprivs, s.standard)
    END AS base
  FROM subject AS s
  LEFT JOIN pg_catalog.pg_init_privs AS i
    ON i.classoid = s.classoid AND i.objoid = s.objoid AND i.objsubid = s.objsubid
  -- initdb grants on information_schema after it has noted what it granted on everything else.
  WHERE s.namespace IS DISTINCT FROM pg_catalog.to_regnamespace('information_schema')
    AND NOT (s.kind = 'schema' AND s.name = 'information_schema')
), item AS (
  SELECT c.*, 'revoke' AS action, i.item, i.position
  FROM compared AS c, pg_catalog.unnest(c.base) WITH ORDINALITY AS i (item, position)
  WHERE c.base <> c.present AND NOT i.item = ANY (c.present)
  UNION ALL
  SELECT c.*, 'grant', i.item, i.position
  FROM compared AS c, pg_catalog.unnest(c.present) WITH ORDINALITY AS i (item, position)
  WHERE c.base <> c.present AND NOT i.item = ANY (c.base)
)
SELECT
  catalog.relname AS "catalog",
  item.objoid AS "oid",
  item.kind AS "kind",
  n.nspname AS "schema",
  item.name AS "name",
  item.arguments AS "arguments",
  CASE WHEN item.arguments IS NOT NULL THEN (
    SELECT pg_catalog.oidvectortypes(p.proargtypes) FROM pg_catalog.pg_proc AS p WHERE p.oid = item.objoid
  ) END AS "argumentTypes",
  item."column" AS "column",
  item.objoid < 16384 AS "builtIn",
  item.action AS "action",
  CASE WHEN e.grantee <> 0 THEN pg_catalog.pg_get_userbyid(e.grantee) END AS "grantee",
  CASE WHEN e.grantor <> item.owner THEN pg_catalog.pg_get_userbyid(e.grantor) END AS "grantor",
  -- Who granted it has lost the way in since then.
  CASE WHEN e.grantor <> item.owner AND NOT pg_catalog.has_schema_privilege(e.grantor, item.namespace, 'USAGE')
    THEN n.nspname END AS "closedSchema",
  e.privileges AS "privileges",
  e.grantable AS "grantable",
  CASE
    WHEN item.objsubid <> 0 THEN 4
    -- ALL on a server of 17 has MAINTAIN in it, which no grant or revoke of an older one meant: it is written as a
    -- list.
    WHEN item.kind = 'table' THEN 8 -- [< 17]
    ELSE (SELECT count(*)::int FROM pg_catalog.aclexplode(item.standard) AS d WHERE d.grantee = item.owner)
  END AS "allPrivileges"
FROM item
JOIN pg_catalog.pg_class AS catalog ON catalog.oid = item.classoid
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = item.namespace
CROSS JOIN LATERAL (
  SELECT
    x.grantee,
    x.grantor,
    pg_catalog.array_agg(x.privilege_type ORDER BY x.privilege_type COLLATE "C") FILTER (WHERE NOT x.is_grantable)
      AS privileges,
    pg_catalog.array_agg(x.privilege_type ORDER BY x.privilege_type COLLATE "C") FILTER (WHERE x.is_grantable)
      AS grantable
  FROM pg_catalog.aclexplode(ARRAY[item.item]) AS x
  GROUP BY x.grantee, x.grantor
) AS e
-- Revokes first, then what the owner holds, then the rest in stored order: a grant option must exist before it is used.
ORDER BY
  catalog.relname, item.objoid, item.objsubid, item.action DESC, e.grantee <> item.owner, item.position
