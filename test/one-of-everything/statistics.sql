-- Extended statistics: every kind, on columns and expressions, with targets, owners, comments, on every kind of table.
SET client_min_messages = warning;
CREATE SCHEMA st;
CREATE SCHEMA "Odd. ""st""";
GRANT CREATE, USAGE ON SCHEMA st TO :"owner";
CREATE TABLE st.t (a integer, b integer, c text, "D ""d""" text, e date);
CREATE STATISTICS st.all_kinds ON a, b FROM st.t;
CREATE STATISTICS st.distinct_only (ndistinct) ON a, b, c FROM st.t;
CREATE STATISTICS st.dependencies_only (dependencies) ON b, a FROM st.t;
CREATE STATISTICS st.common_only (mcv) ON a, e FROM st.t;
CREATE STATISTICS st.two_kinds (ndistinct, mcv) ON c, a FROM st.t;
CREATE STATISTICS "Odd. ""st"""."odd
statistics; --" ON "D ""d""", a FROM st.t;
CREATE STATISTICS st.targeted ON b, c FROM st.t;
ALTER STATISTICS st.targeted SET STATISTICS 500;
CREATE STATISTICS st.target_zero ON b, e FROM st.t;
ALTER STATISTICS st.target_zero SET STATISTICS 0;
CREATE STATISTICS st.target_back ON a, c FROM st.t;
ALTER STATISTICS st.target_back SET STATISTICS 10;
ALTER STATISTICS st.target_back SET STATISTICS -1;
\if :v14
CREATE FUNCTION st.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE STATISTICS st.one_expression ON (a + b) FROM st.t;
CREATE STATISTICS st.expressions (ndistinct, dependencies, mcv) ON lower(c), (a % 10), b, (st.f("D ""d""")), (CASE WHEN a > 1 THEN 'it''s' ELSE c END) FROM st.t;
ALTER STATISTICS st.expressions SET STATISTICS 33;
CREATE STATISTICS st.sorted ON date_trunc('month', e::timestamp), a FROM st.t;
ALTER STATISTICS st.one_expression OWNER TO :"owner";
\endif
-- On a partitioned table and a partition, a materialized view, a table that inherits, a foreign one, one with no rows.
CREATE TABLE st.parts (a integer, b integer) PARTITION BY RANGE (a);
CREATE TABLE st.part PARTITION OF st.parts FOR VALUES FROM (0) TO (10);
CREATE STATISTICS st.of_parts ON a, b FROM st.parts;
CREATE STATISTICS st.of_part ON a, b FROM st.part;
CREATE MATERIALIZED VIEW st.m AS SELECT a, b FROM st.t;
CREATE STATISTICS st.of_view ON a, b FROM st.m;
CREATE TABLE st.child (f integer) INHERITS (st.t);
CREATE STATISTICS st.of_child ON a, f FROM st.child;
CREATE FOREIGN DATA WRAPPER st_wrapper;
CREATE SERVER st_server FOREIGN DATA WRAPPER st_wrapper;
CREATE FOREIGN TABLE st.f (a integer, b integer) SERVER st_server;
CREATE STATISTICS st.of_foreign ON a, b FROM st.f;
CREATE UNLOGGED TABLE st.u (a integer, b integer);
CREATE STATISTICS st.of_unlogged ON a, b FROM st.u;
INSERT INTO st.t SELECT n, n % 3, n::text, 'x', DATE '2020-01-01' + n FROM generate_series(1, 100) AS n;
ANALYZE st.t;
ALTER STATISTICS st.all_kinds OWNER TO :"owner";
COMMENT ON STATISTICS st.all_kinds IS 'all kinds';
COMMENT ON STATISTICS "Odd. ""st"""."odd
statistics; --" IS E'it''s odd\n--';
