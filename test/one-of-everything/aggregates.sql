-- Aggregates: plain, moving, partial, ordered-set, hypothetical-set, with owners, grants and comments.
SET client_min_messages = warning;
CREATE SCHEMA agg;
CREATE SCHEMA "Odd agg";
GRANT CREATE, USAGE ON SCHEMA agg TO :"owner";
CREATE TYPE agg.state AS (total bigint, seen bigint);
CREATE FUNCTION agg.add(agg.state, integer) RETURNS agg.state LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1.total + $2, $1.seen + 1)::agg.state';
CREATE FUNCTION agg.remove(agg.state, integer) RETURNS agg.state LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1.total - $2, $1.seen - 1)::agg.state';
CREATE FUNCTION agg.both(agg.state, agg.state) RETURNS agg.state LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1.total + $2.total, $1.seen + $2.seen)::agg.state';
CREATE FUNCTION agg.mean(agg.state) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1.total::numeric / $1.seen';
CREATE FUNCTION agg.mean(agg.state, integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1.total::numeric / $1.seen';
CREATE FUNCTION agg.join_all(text, VARIADIC text[]) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1 || array_to_string($2, '''')';
CREATE FUNCTION agg.count_step(bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE FUNCTION agg.larger(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT greatest($1, $2)';

CREATE AGGREGATE agg.plain(integer) (SFUNC = int4pl, STYPE = integer);
CREATE AGGREGATE agg.initial(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', SSPACE = 64, PARALLEL = SAFE);
CREATE AGGREGATE agg.odd_initial(text) (SFUNC = textcat, STYPE = text, INITCOND = E'it''s "odd"\n\\ %', PARALLEL = RESTRICTED);
CREATE AGGREGATE agg.empty_initial(text) (SFUNC = textcat, STYPE = text, INITCOND = '');
CREATE AGGREGATE agg.named(a integer) (SFUNC = agg.add, STYPE = agg.state, INITCOND = '(0,0)', FINALFUNC = agg.mean, COMBINEFUNC = agg.both);
CREATE AGGREGATE agg.extra(integer) (SFUNC = agg.add, STYPE = agg.state, FINALFUNC = agg.mean, FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_WRITE, INITCOND = '(0,0)');
CREATE AGGREGATE agg.shareable(integer) (SFUNC = agg.add, STYPE = agg.state, FINALFUNC = agg.mean, FINALFUNC_MODIFY = SHAREABLE, INITCOND = '(0,0)');
CREATE AGGREGATE agg.no_arguments(*) (SFUNC = agg.count_step, STYPE = bigint, INITCOND = '0');
CREATE FUNCTION agg.step(integer, integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2 * $3';
CREATE AGGREGATE agg.two(integer, "B b" integer) (SFUNC = agg.step, STYPE = integer);
CREATE AGGREGATE agg.largest(integer) (SFUNC = agg.larger, STYPE = integer, SORTOP = OPERATOR(pg_catalog.>));
CREATE OPERATOR agg.>>> (FUNCTION = int4gt, LEFTARG = integer, RIGHTARG = integer);
CREATE AGGREGATE agg.largest_of_mine(integer) (SFUNC = agg.larger, STYPE = integer, SORTOP = OPERATOR(agg.>>>), COMBINEFUNC = agg.larger);
CREATE AGGREGATE agg.variadic(VARIADIC text[]) (SFUNC = agg.join_all, STYPE = text, INITCOND = '');
CREATE AGGREGATE agg.moving(integer) (
  SFUNC = agg.add, STYPE = agg.state, SSPACE = 16, FINALFUNC = agg.mean, INITCOND = '(0,0)',
  MSFUNC = agg.add, MINVFUNC = agg.remove, MSTYPE = agg.state, MSSPACE = 32, MFINALFUNC = agg.mean, MFINALFUNC_EXTRA,
  MFINALFUNC_MODIFY = SHAREABLE, MINITCOND = '(1,1)'
);
CREATE AGGREGATE agg.moving_plain(integer) (
  SFUNC = int4pl, STYPE = integer, MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MFINALFUNC = int4abs, MFINALFUNC_MODIFY = READ_ONLY
);
-- A state without an SQL type, with functions that send it between processes.
CREATE AGGREGATE agg.partial(numeric) (
  SFUNC = numeric_avg_accum, STYPE = internal, SSPACE = 128, FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine,
  SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize,
  MSFUNC = numeric_avg_accum, MINVFUNC = numeric_accum_inv, MSTYPE = internal, MFINALFUNC = numeric_avg, PARALLEL = SAFE
);
CREATE AGGREGATE agg.polymorphic(anynonarray) (SFUNC = array_agg_transfn, STYPE = internal, FINALFUNC = array_agg_finalfn, FINALFUNC_EXTRA);
CREATE AGGREGATE agg.percentile(double precision ORDER BY anyelement) (
  SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_WRITE
);
CREATE AGGREGATE agg.percentile(p double precision ORDER BY v double precision) (
  SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final, FINALFUNC_MODIFY = SHAREABLE
);
CREATE AGGREGATE agg.most_common(ORDER BY anyelement) (
  SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = mode_final, FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_ONLY
);
CREATE AGGREGATE agg.hypothetical(VARIADIC "any" ORDER BY VARIADIC "any") (
  SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL
);
CREATE AGGREGATE "Odd agg"."Odd ""name""
; -- \! echo"(integer) (SFUNC = int4pl, STYPE = integer);

-- Used by a view, a function's default, another aggregate's function.
CREATE TABLE agg.items (id integer PRIMARY KEY, price integer);
CREATE VIEW agg.summary AS SELECT agg.named(price), agg.percentile(0.5) WITHIN GROUP (ORDER BY price::float8), agg.no_arguments(*) FROM agg.items;

ALTER AGGREGATE agg.no_arguments(*) OWNER TO :"owner";
ALTER AGGREGATE agg.percentile(double precision ORDER BY anyelement) OWNER TO :"owner";
ALTER AGGREGATE agg.variadic(VARIADIC text[]) OWNER TO :"owner";
COMMENT ON AGGREGATE agg.no_arguments(*) IS 'no arguments';
COMMENT ON AGGREGATE agg.percentile(double precision ORDER BY anyelement) IS 'ordered';
COMMENT ON AGGREGATE agg.hypothetical(VARIADIC "any" ORDER BY VARIADIC "any") IS 'hypothetical';
COMMENT ON AGGREGATE "Odd agg"."Odd ""name""
; -- \! echo"(integer) IS 'odd';
REVOKE ALL ON FUNCTION agg.no_arguments() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agg.no_arguments() TO :"reader" WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION agg.percentile(double precision, anyelement) TO :"reader";
GRANT EXECUTE ON FUNCTION agg.hypothetical(VARIADIC "any") TO :"writer";
GRANT EXECUTE ON FUNCTION agg.variadic(text[]) TO :"writer";
GRANT EXECUTE ON FUNCTION "Odd agg"."Odd ""name""
; -- \! echo"(integer) TO :"reader";
