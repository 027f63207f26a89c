-- Tables and materialized views under another access method than the usual one.
CREATE ACCESS METHOD "my ""heap""" TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE other_way (id integer PRIMARY KEY, note text) USING "my ""heap""" WITH (fillfactor = 40);
CREATE MATERIALIZED VIEW other_view USING "my ""heap""" WITH (fillfactor = 44) AS SELECT id FROM other_way;
CREATE TABLE usual_way (id integer);
CREATE TABLE root (k integer, v text) PARTITION BY LIST (k);
CREATE TABLE root_1 PARTITION OF root FOR VALUES IN (1) USING "my ""heap""";
CREATE TABLE root_2 PARTITION OF root FOR VALUES IN (2);
\if :v17
CREATE TABLE root_17 (k integer, v text) PARTITION BY LIST (k) USING "my ""heap""";
CREATE TABLE root_17_1 PARTITION OF root_17 FOR VALUES IN (1);
CREATE TABLE root_17_2 PARTITION OF root_17 FOR VALUES IN (2) USING heap;
CREATE TABLE root_heap (k integer) PARTITION BY LIST (k) USING heap;
\endif
CREATE TABLE inherits_way () INHERITS (other_way) USING "my ""heap""";
COMMENT ON TABLE other_way IS 'other';
INSERT INTO other_way VALUES (1, 'x');
INSERT INTO root VALUES (1, 'x'), (2, 'y');
REFRESH MATERIALIZED VIEW other_view;
