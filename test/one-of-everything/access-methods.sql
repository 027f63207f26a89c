-- Access methods of tables and of indexes, with handlers of every database and of one's own, and what uses them.
CREATE SCHEMA a;
CREATE FUNCTION a."My Heap"(internal) RETURNS table_am_handler LANGUAGE internal AS 'heap_tableam_handler';
CREATE FUNCTION a.my_tree(internal) RETURNS index_am_handler LANGUAGE internal AS 'gisthandler';
CREATE ACCESS METHOD heap_again TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD "Odd ' ""heap""
\." TYPE TABLE HANDLER a."My Heap";
CREATE ACCESS METHOD tree TYPE INDEX HANDLER a.my_tree;
CREATE ACCESS METHOD tree_again TYPE INDEX HANDLER bthandler;
COMMENT ON ACCESS METHOD heap_again IS 'it''s a heap';
COMMENT ON ACCESS METHOD "Odd ' ""heap""
\." IS '\.';
CREATE OPERATOR CLASS a.boxes DEFAULT FOR TYPE box USING tree AS
  OPERATOR 3 &&, OPERATOR 6 ~=, FUNCTION 1 gist_box_consistent(internal, box, smallint, oid, internal),
  FUNCTION 2 gist_box_union(internal, internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
  FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal);
CREATE TABLE a.plain (id integer, b box);
CREATE INDEX by_tree ON a.plain USING tree (b);
INSERT INTO a.plain VALUES (1, '((1,2),(3,4))');
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
