-- Operator families and classes: members of the class, members of the family alone, ordering operators, storage,
-- defaults.
SET client_min_messages = warning;
CREATE SCHEMA oc;
CREATE SCHEMA "Odd. ""oc""";
GRANT CREATE, USAGE ON SCHEMA oc TO :"owner";
CREATE TYPE oc.pair AS (a integer, b integer);
CREATE FUNCTION oc.cmp(oc.pair, oc.pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($1.a, $2.a)';
CREATE FUNCTION oc.cmp(oc.pair, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($1.a, $2)';
CREATE FUNCTION oc.cmp(integer, oc.pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($1, $2.a)';
CREATE FUNCTION oc.hash(oc.pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT hashint4($1.a)';
CREATE FUNCTION oc.hash_extended(oc.pair, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT hashint4extended($1.a, $2)';
DO $$
DECLARE
  types text[];
  pair CONSTANT text[] := '{{lt,<},{le,<=},{eq,=},{ge,>=},{gt,>},{ne,<>}}';
  one text[];
BEGIN
  FOREACH types SLICE 1 IN ARRAY '{{oc.pair,oc.pair},{oc.pair,integer},{integer,oc.pair}}'::text[] LOOP
    FOREACH one SLICE 1 IN ARRAY pair LOOP
      EXECUTE format('CREATE FUNCTION oc.%s(%s, %s) RETURNS boolean LANGUAGE sql IMMUTABLE AS %L',
        one[1], types[1], types[2], format('SELECT oc.cmp($1, $2) %s 0', one[2]));
      EXECUTE format('CREATE OPERATOR oc.%s (FUNCTION = oc.%s, LEFTARG = %s, RIGHTARG = %s)', one[2], one[1], types[1], types[2]);
    END LOOP;
  END LOOP;
END $$;

-- A default class in a family of the same name; cross-type members in the class and in the family.
CREATE OPERATOR FAMILY oc.pair_ops USING btree;
CREATE OPERATOR CLASS oc.pair_ops DEFAULT FOR TYPE oc.pair USING btree FAMILY oc.pair_ops AS
  OPERATOR 1 oc.<, OPERATOR 2 oc.<=, OPERATOR 3 oc.=, OPERATOR 4 oc.>=, OPERATOR 5 oc.>,
  OPERATOR 1 oc.< (oc.pair, integer), OPERATOR 2 oc.<= (oc.pair, integer), OPERATOR 3 oc.= (oc.pair, integer),
  FUNCTION 1 oc.cmp(oc.pair, oc.pair), FUNCTION 1 (oc.pair, integer) oc.cmp(oc.pair, integer);
ALTER OPERATOR FAMILY oc.pair_ops USING btree ADD
  OPERATOR 1 oc.< (integer, oc.pair), OPERATOR 3 oc.= (integer, oc.pair),
  FUNCTION 1 (integer, oc.pair) oc.cmp(integer, oc.pair);
-- Not the default, in a family of another name and schema; the family has other methods of that name.
CREATE OPERATOR FAMILY "Odd. ""oc"""."Odd
family" USING btree;
CREATE OPERATOR FAMILY "Odd. ""oc"""."Odd
family" USING hash;
CREATE OPERATOR CLASS "Odd. ""oc"""."odd ""class""" FOR TYPE oc.pair USING btree FAMILY "Odd. ""oc"""."Odd
family" AS OPERATOR 1 oc.>, OPERATOR 5 oc.<, OPERATOR 3 oc.=, OPERATOR 2 oc.>=, OPERATOR 4 oc.<=, FUNCTION 1 oc.cmp(oc.pair, oc.pair);
CREATE OPERATOR CLASS oc.hashed DEFAULT FOR TYPE oc.pair USING hash FAMILY "Odd. ""oc"""."Odd
family" AS OPERATOR 1 oc.=, FUNCTION 1 oc.hash(oc.pair), FUNCTION 2 oc.hash_extended(oc.pair, bigint);
-- Empty ones; a class without a family, which makes one.
CREATE OPERATOR FAMILY oc.empty_family USING gin;
CREATE OPERATOR CLASS oc.empty_class FOR TYPE oc.pair USING btree FAMILY oc.pair_ops AS STORAGE oc.pair;
CREATE OPERATOR CLASS oc.alone FOR TYPE integer USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 btint4cmp(integer, integer);
-- In a family of PostgreSQL's.
CREATE OPERATOR CLASS oc.in_their_family FOR TYPE integer USING hash FAMILY pg_catalog.integer_ops AS STORAGE integer;
-- Another storage; ordering operators, by a family of PostgreSQL's and of one's own.
CREATE OPERATOR FAMILY oc.my_floats USING btree;
CREATE OPERATOR CLASS oc.points FOR TYPE point USING gist AS
  STORAGE box,
  OPERATOR 1 <<, OPERATOR 5 >>, OPERATOR 6 ~=, OPERATOR 15 <-> FOR ORDER BY pg_catalog.float_ops,
  OPERATOR 28 <@ (point, box),
  FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal),
  FUNCTION 3 gist_point_compress(internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
  FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal),
  FUNCTION 8 gist_point_distance(internal, point, smallint, oid, internal), FUNCTION 9 gist_point_fetch(internal);
CREATE OPERATOR CLASS oc.arrays FOR TYPE integer[] USING gin AS
  STORAGE integer,
  OPERATOR 1 && (anyarray, anyarray), OPERATOR 2 @> (anyarray, anyarray),
  FUNCTION 1 btint4cmp(integer, integer), FUNCTION 2 ginarrayextract(anyarray, internal, internal),
  FUNCTION 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal),
  FUNCTION 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal, internal, internal);
CREATE OPERATOR CLASS oc.blocks FOR TYPE integer USING brin AS
  OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >,
  FUNCTION 1 brin_minmax_opcinfo(internal), FUNCTION 2 brin_minmax_add_value(internal, internal, internal, internal),
  FUNCTION 3 brin_minmax_consistent(internal, internal, internal), FUNCTION 4 brin_minmax_union(internal, internal, internal);
CREATE OPERATOR CLASS oc.tree FOR TYPE text USING spgist AS
  OPERATOR 3 =,
  FUNCTION 1 spg_text_config(internal, internal), FUNCTION 2 spg_text_choose(internal, internal),
  FUNCTION 3 spg_text_picksplit(internal, internal), FUNCTION 4 spg_text_inner_consistent(internal, internal),
  FUNCTION 5 spg_text_leaf_consistent(internal, internal);
\if :v14
CREATE OPERATOR CLASS oc.sorted_points FOR TYPE point USING gist AS
  STORAGE box, OPERATOR 1 <<,
  FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal),
  FUNCTION 3 gist_point_compress(internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
  FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal),
  FUNCTION 11 gist_point_sortsupport(internal);
\endif
\if :v18
CREATE OPERATOR CLASS oc.skipping FOR TYPE integer USING btree AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer), FUNCTION 6 btint4skipsupport(internal);
\endif
-- Members of all sorts added to one's own family, and to one of PostgreSQL's: pg_dump loses the latter.
ALTER OPERATOR FAMILY oc.my_floats USING btree ADD OPERATOR 1 < (double precision, real), FUNCTION 1 (double precision, real) btfloat84cmp(double precision, real);
ALTER OPERATOR FAMILY pg_catalog.integer_ops USING btree ADD OPERATOR 3 oc.= (oc.pair, integer), FUNCTION 1 (oc.pair, integer) oc.cmp(oc.pair, integer);

-- What sorts and groups by a class: it cannot be made before the class, though nothing says so.
CREATE TABLE oc.t (id integer, p oc.pair, UNIQUE (p));
CREATE VIEW oc.a_sorted AS SELECT DISTINCT p FROM oc.t ORDER BY p;
CREATE MATERIALIZED VIEW oc.a_grouped AS SELECT p, count(*) FROM oc.t GROUP BY p;
CREATE INDEX ON oc.t USING btree (p "Odd. ""oc"""."odd ""class""");
CREATE INDEX ON oc.t USING hash (p);
CREATE TABLE oc.parts (p oc.pair) PARTITION BY HASH (p);

ALTER OPERATOR FAMILY oc.pair_ops USING btree OWNER TO :"owner";
ALTER OPERATOR CLASS oc.pair_ops USING btree OWNER TO :"owner";
COMMENT ON OPERATOR FAMILY "Odd. ""oc"""."Odd
family" USING btree IS 'odd family';
COMMENT ON OPERATOR CLASS "Odd. ""oc"""."odd ""class""" USING btree IS 'odd class';
