-- Purpose: operators of the names that users' and extensions' operators have, and those named by OID. Parameter: OIDs.
-- Columns: those of OperatorRow. Servers: 13 and later.
SELECT
  o.oid,
  n.nspname AS "schema",
  o.oprname AS "name",
  o.oprleft AS "left",
  o.oprright AS "right",
  pg_catalog.format_type(NULLIF(o.oprleft, 0), NULL) AS "leftType",
  pg_catalog.format_type(NULLIF(o.oprright, 0), NULL) AS "rightType"
FROM pg_catalog.pg_operator AS o
JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
WHERE o.oid = ANY ($1::oid[])
  OR o.oprname IN (SELECT named.oprname FROM pg_catalog.pg_operator AS named WHERE named.oid >= 16384)
