-- Purpose: the operator classes by which values inside of values are compared: elements of arrays, bounds of ranges,
-- fields of rows, what a domain is of. The server looks for the default class of the inner type when it runs, so no
-- dependency says so. Columns: catalog and oid of what compares, oid of the class. Servers: 13 and later. Other classes
-- of the same type come along where a column has the type itself.
-- Nothing without: operators of any schema.
WITH RECURSIVE held (class, object, type) AS (
  SELECT d.classid, d.objid, a.atttypid
  FROM pg_catalog.pg_depend AS d
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND a.atttypid >= 16384 AND d.objid >= 16384
    AND d.classid IN (
      'pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_constraint'::regclass,
      'pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_statistic_ext'::regclass
    )
  UNION
  -- Expressions of indexes, and what an operator class stores.
  SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.atttypid
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indexrelid AND a.attnum > 0
  WHERE a.atttypid >= 16384
  UNION
  SELECT 'pg_catalog.pg_class'::regclass, p.partrelid, a.atttypid
  FROM pg_catalog.pg_partitioned_table AS p
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs)
  WHERE a.atttypid >= 16384
  UNION
  SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, c.contypid
  FROM pg_catalog.pg_constraint AS c
  WHERE c.contypid >= 16384
  UNION
  SELECT h.class, h.object, part.type
  FROM held AS h
  JOIN pg_catalog.pg_type AS t ON t.oid = h.type
  CROSS JOIN LATERAL (
    SELECT t.typelem WHERE t.typlen = -1
    UNION ALL
    SELECT t.typbasetype
    UNION ALL
    SELECT r.rngsubtype FROM pg_catalog.pg_range AS r WHERE r.rngtypid = t.oid
    UNION ALL -- [>= 14]
    SELECT r.rngtypid FROM pg_catalog.pg_range AS r WHERE r.rngmultitypid = t.oid -- [>= 14]
    UNION ALL
    SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    -- Has another type's classes, if it has none of its own.
    SELECT c.casttarget FROM pg_catalog.pg_cast AS c
    WHERE c.castsource = t.oid AND c.castmethod = 'b' AND c.castcontext = 'i'
  ) AS part (type)
  WHERE part.type >= 16384
)
SELECT DISTINCT catalog.relname AS "catalog", h.object AS "oid", k.oid AS "operatorClass"
FROM held AS h
JOIN pg_catalog.pg_class AS catalog ON catalog.oid = h.class
JOIN pg_catalog.pg_opclass AS k ON k.oid >= 16384 AND (
  (k.opcintype = h.type AND k.opcdefault)
  OR k.oid IN (
    SELECT r.rngsubopc FROM pg_catalog.pg_range AS r
    WHERE r.rngtypid = h.type
  )
)
JOIN pg_catalog.pg_am AS m ON m.oid = k.opcmethod AND m.amname IN ('btree', 'hash')
