-- Indexes of every method, with operator classes and their parameters, collations, order, expressions, conditions,
-- options, on tables, partitions and materialized views.
CREATE TABLE t ("a ""b""" text, c integer, d numeric, at timestamptz, tags text[], doc jsonb, p point, r int4range, ip inet, words tsvector);
CREATE INDEX ON t (c);
CREATE INDEX "name; with '\ and
line" ON t (c, "a ""b""" DESC);
CREATE UNIQUE INDEX every_order ON t (c ASC NULLS FIRST, d DESC NULLS LAST, "a ""b""" COLLATE "C" varchar_pattern_ops) INCLUDE (at) WITH (fillfactor = 61, deduplicate_items = off) WHERE d > 0 AND "a ""b""" IN ('x', 'y');
CREATE INDEX expressions ON t (lower("a ""b"""), (c + 1), (doc ->> 'k') text_pattern_ops, (("a ""b""" || 'x')) DESC);
ALTER INDEX expressions ALTER COLUMN 1 SET STATISTICS 100, ALTER COLUMN 3 SET STATISTICS 0;
CREATE INDEX by_hash ON t USING hash (c) WITH (fillfactor = 50);
CREATE INDEX by_gin ON t USING gin (tags, doc jsonb_path_ops) WITH (fastupdate = off, gin_pending_list_limit = 128);
CREATE INDEX by_gist ON t USING gist (words tsvector_ops (siglen = 100), p, r) INCLUDE (c) WITH (buffering = on);
CREATE INDEX by_spgist ON t USING spgist (ip inet_ops);
\if :v14
CREATE INDEX by_spgist_include ON t USING spgist (r) INCLUDE (c);
CREATE INDEX by_brin_bloom ON t USING brin (c int4_bloom_ops (n_distinct_per_range = 50), at timestamptz_minmax_multi_ops (values_per_range = 16));
\endif
CREATE INDEX by_brin ON t USING brin (at, c) WITH (pages_per_range = 8, autosummarize = on);
\if :v15
CREATE UNIQUE INDEX nulls_equal ON t (c, d) NULLS NOT DISTINCT WITH (fillfactor = 77);
\endif
CREATE TABLE identified (a integer NOT NULL, b integer);
CREATE UNIQUE INDEX "identity; 1" ON identified (a);
ALTER TABLE identified REPLICA IDENTITY USING INDEX "identity; 1";
CREATE INDEX clustered ON identified (b);
ALTER TABLE identified CLUSTER ON clustered;
CREATE TABLE lost (a integer NOT NULL);
CREATE UNIQUE INDEX lost_a ON lost (a);
ALTER TABLE lost REPLICA IDENTITY USING INDEX lost_a;
DROP INDEX lost_a;
CREATE UNLOGGED TABLE quick (a integer);
CREATE INDEX quick_a ON quick (a);
CREATE TABLE root (k integer NOT NULL, v text) PARTITION BY RANGE (k);
CREATE TABLE root_1 PARTITION OF root FOR VALUES FROM (0) TO (10);
CREATE TABLE root_2 PARTITION OF root FOR VALUES FROM (10) TO (20) PARTITION BY LIST (k);
CREATE TABLE root_2_1 PARTITION OF root_2 DEFAULT;
CREATE INDEX root_v ON root (lower(v)) WITH (fillfactor = 66);
CREATE UNIQUE INDEX root_k ON root (k);
ALTER TABLE root REPLICA IDENTITY USING INDEX root_k;
ALTER INDEX root_1_lower_idx RENAME TO "renamed; part";
CREATE INDEX incomplete ON ONLY root (v);
CREATE INDEX part_of_incomplete ON root_1 (v);
ALTER INDEX incomplete ATTACH PARTITION part_of_incomplete;
CREATE INDEX alone ON root_1 (v DESC) WHERE k > 5;
ALTER INDEX "renamed; part" ALTER COLUMN 1 SET STATISTICS 9;
ALTER TABLE root_1 CLUSTER ON "renamed; part";
COMMENT ON INDEX every_order IS 'every''s';
COMMENT ON INDEX root_v IS 'of all';
COMMENT ON INDEX "renamed; part" IS 'of one';
INSERT INTO t VALUES ('x', 1, 1, now(), '{a,b}', '{"k": "v"}', '(1,1)', '[1,2)', '10.0.0.1', 'w');
INSERT INTO root VALUES (1, 'a'), (11, 'b');
