-- Purpose: tables, partitioned tables and foreign tables. Columns: those of TableRow. Servers: 13 and later; a pending
-- DETACH from 14.
-- `hashesByOid`: hash partitioned by a polymorphic operator class (enums, arrays, ranges, records): such a hash may
-- come from OIDs of enum labels, which differ between databases.
SELECT
  c.oid,
  n.nspname AS "schema",
  c.relname AS "name",
  c.relkind AS "relkind",
  c.reltype AS "rowType",
  pg_catalog.pg_get_userbyid(c.relowner) AS "owner",
  c.relpersistence AS "persistence",
  c.relreplident AS "replicaIdentity",
  c.relrowsecurity AS "rowSecurity",
  c.relforcerowsecurity AS "forceRowSecurity",
  c.reloptions AS "options",
  toast.reloptions AS "toastOptions",
  c.relispartition AS "partition",
  pg_catalog.pg_get_partkeydef(c.oid) AS "partitionKey",
  pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS "bound",
  ARRAY(
    SELECT i.inhparent FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno
  ) AS "parents",
  EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid AND i.inhdetachpending) AS "detachPending", -- [>= 14]
  false AS "detachPending", -- [< 14]
  COALESCE(
    pt.partstrat = 'h' AND EXISTS (
      SELECT FROM pg_catalog.pg_opclass AS oc
      JOIN pg_catalog.pg_type AS ot ON ot.oid = oc.opcintype
      WHERE oc.oid = ANY (pt.partclass::oid[]) AND ot.typtype = 'p'
    ),
    false
  ) AS "hashesByOid",
  GREATEST(c.reltuples, 0)::float8 AS "rowsEstimated",
  CASE WHEN c.relkind = 'r' THEN
    (pg_catalog.pg_relation_size(c.oid) + COALESCE(pg_catalog.pg_relation_size(toast.oid), 0))::float8
  ELSE 0 END AS "bytes",
  CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END AS "ofType",
  -- A partitioned table has one only where somebody said so, be it the usual one.
  CASE WHEN c.relkind = 'p' THEN am.amname ELSE NULLIF(am.amname, 'heap') END AS "accessMethod",
  ts.spcname AS "tablespace",
  -- Columns, composite types or domains are made of its rows.
  EXISTS (
    SELECT FROM pg_catalog.pg_type AS ty
    JOIN pg_catalog.pg_depend AS d
      ON d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (ty.oid, ty.typarray) AND d.deptype = 'n'
    LEFT JOIN pg_catalog.pg_class AS user_of ON d.classid = 'pg_catalog.pg_class'::regclass AND user_of.oid = d.objid
    WHERE ty.oid = c.reltype AND (d.classid = 'pg_catalog.pg_type'::regclass OR user_of.relkind IN ('r', 'p', 'c'))
  ) AS "rowsAreValues",
  EXISTS (
    SELECT FROM pg_catalog.pg_depend AS m
    WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid AND m.deptype = 'e'
  ) AS "member",
  fs.srvname AS "server",
  ft.ftoptions AS "foreignOptions"
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = c.reltoastrelid
LEFT JOIN pg_catalog.pg_partitioned_table AS pt ON pt.partrelid = c.oid
LEFT JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_foreign_table AS ft ON ft.ftrelid = c.oid
LEFT JOIN pg_catalog.pg_foreign_server AS fs ON fs.oid = ft.ftserver
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
