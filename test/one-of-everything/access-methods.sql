-- Access methods of tables and of indexes, with handlers of every database and of one's own, and what uses them.
CREATE SCHEMA a;
CREATE FUNCTION a."My Heap"(internal) RETURNS table_am_handler LANGUAGE internal AS 'heap_tableam_handler';
CREATE FUNCTION a.my_tree(internal) RETURNS index_am_handler LANGUAGE internal AS 'bthandler';
CREATE ACCESS METHOD heap_again TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD "Odd ' ""heap""
\." TYPE TABLE HANDLER a."My Heap";
CREATE ACCESS METHOD tree TYPE INDEX HANDLER a.my_tree;
CREATE ACCESS METHOD tree_again TYPE INDEX HANDLER bthandler;
COMMENT ON ACCESS METHOD heap_again IS 'it''s a heap';
COMMENT ON ACCESS METHOD "Odd ' ""heap""
\." IS '\.';
CREATE OPERATOR CLASS a.numbers DEFAULT FOR TYPE integer USING tree AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer);
CREATE TABLE a.plain (id integer);
CREATE INDEX by_tree ON a.plain USING tree (id);
CREATE TABLE a.other (id integer) USING heap_again;
CREATE TABLE a.odd (id integer PRIMARY KEY, t text) USING "Odd ' ""heap""
\.";
CREATE MATERIALIZED VIEW a.mat USING heap_again AS SELECT id FROM a.other;
\if :v17
CREATE TABLE a.parts (id integer) PARTITION BY LIST (id) USING heap_again;
CREATE TABLE a.part_one PARTITION OF a.parts FOR VALUES IN (1);
CREATE TABLE a.part_two PARTITION OF a.parts FOR VALUES IN (2) USING heap;
\endif
INSERT INTO a.other VALUES (1);
INSERT INTO a.odd VALUES (1, 'one');
REFRESH MATERIALIZED VIEW a.mat;
