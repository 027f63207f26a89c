-- Purpose: the body of a DO block that drops an object and what holds on to it: objects that it needs itself. CASCADE
-- is the only way to drop these, so it first makes sure that nothing else would go. Parameters: :class: (a catalog,
-- as a literal), :object: (its row, cast from a literal), :drop: (what follows DROP). Servers: 13 and later.
DECLARE
  of_class CONSTANT oid := :class:::pg_catalog.regclass;
  of_object CONSTANT oid := :object:;
  other text;
BEGIN
  WITH RECURSIVE needed (classid, objid) AS (
    VALUES (of_class, of_object)
    UNION
    SELECT d.refclassid, d.refobjid
    FROM needed AS n
    JOIN pg_catalog.pg_depend AS d ON d.classid = n.classid AND d.objid = n.objid
  ), going (classid, objid) AS (
    VALUES (of_class, of_object)
    UNION
    SELECT d.classid, d.objid
    FROM going AS g
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = g.classid AND d.refobjid = g.objid
  )
  SELECT pg_catalog.min(pg_catalog.pg_describe_object(g.classid, g.objid, 0)) INTO other
  FROM going AS g
  WHERE (g.classid, g.objid) NOT IN (SELECT n.classid, n.objid FROM needed AS n)
    AND NOT EXISTS (
      -- Parts of what goes (array types, constructors) and of what goes next (a column's expression).
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = g.classid AND d.objid = g.objid AND d.deptype IN ('a', 'i')
        AND (d.refclassid, d.refobjid) IN (
          SELECT whole.classid, whole.objid FROM going AS whole UNION ALL SELECT n.classid, n.objid FROM needed AS n
        )
    );
  IF other IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'dependent_objects_still_exist',
      MESSAGE = pg_catalog.format('cannot drop %s because %s depends on it', pg_catalog.pg_describe_object(of_class, of_object, 0), other);
  END IF;
  DROP :drop: CASCADE;
END
