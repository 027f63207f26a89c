-- Views with every option, check options, defaults, comments and grants of columns; recursive ones; materialized views
-- of materialized views, populated or not, with settings, indexes, cluster and replica identity.
CREATE TABLE base (id integer PRIMARY KEY, "na ""me""" varchar(20) DEFAULT 'b', price numeric CHECK (price IN (1, 2, 3)), at timestamptz, doc jsonb);
INSERT INTO base VALUES (1, 'one', 1, '2024-01-01', '{"a": 1}'), (2, 'two', 2, '2024-02-01', '[]');
CREATE VIEW "odd; ""view""" ("co l", "%I", "select") AS SELECT id, "na ""me""", price FROM base WHERE "na ""me""" IN ('one', 'two');
CREATE VIEW barrier WITH (security_barrier) AS SELECT * FROM base WHERE id > 0;
CREATE VIEW not_barrier WITH (security_barrier = false) AS SELECT * FROM base;
\if :v15
CREATE VIEW invoker WITH (security_invoker = true, security_barrier = true) AS SELECT id FROM base;
\endif
CREATE VIEW local_check AS SELECT id, price FROM base WHERE price > 1 WITH LOCAL CHECK OPTION;
CREATE VIEW cascaded_check WITH (security_barrier = true) AS SELECT id FROM local_check WHERE id > 1 WITH CASCADED CHECK OPTION;
CREATE VIEW altered AS SELECT id FROM base;
ALTER VIEW altered SET (check_option = local, security_barrier = true);
CREATE VIEW reset_one WITH (check_option = cascaded) AS SELECT id FROM base;
ALTER VIEW reset_one RESET (check_option);
CREATE RECURSIVE VIEW countdown (n, "te xt") AS VALUES (3, 'x'::text) UNION ALL SELECT n - 1, "te xt" || 'y' FROM countdown WHERE n > 0;
CREATE VIEW with_everything AS
  WITH RECURSIVE r AS (SELECT 1 AS i UNION SELECT i + 1 FROM r WHERE i < 3), m AS MATERIALIZED (SELECT 1 AS one)
  SELECT DISTINCT ON (b.id) b.id, r.i, row_number() OVER w, sum(b.price) FILTER (WHERE b.price > 1) OVER w AS summed, x.k, NULL::integer AS nothing, '{1,2}'::integer[] AS list, current_date AS today, EXTRACT(year FROM b.at) AS y, b."na ""me""" LIKE 'o%' AS liked, CASE WHEN b.id = 1 THEN 'a' ELSE 'b' END AS c
  FROM base AS b LEFT JOIN LATERAL (SELECT * FROM jsonb_object_keys(CASE WHEN jsonb_typeof(b.doc) = 'object' THEN b.doc ELSE '{}' END) AS k) AS x ON true, r, m, ROWS FROM (generate_series(1, 2), unnest(ARRAY['a', 'b'])) WITH ORDINALITY AS f (g, u, o), base AS t TABLESAMPLE bernoulli (10) REPEATABLE (1)
  WINDOW w AS (PARTITION BY b.id ORDER BY r.i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)
  ORDER BY b.id, r.i DESC NULLS LAST LIMIT 10 OFFSET 0;
CREATE VIEW grouping_sets AS SELECT id, price, grouping(id, price), count(*) FROM base GROUP BY GROUPING SETS ((id), ROLLUP (price), ());
CREATE VIEW set_operations AS (SELECT id FROM base UNION SELECT 3 EXCEPT SELECT 4) INTERSECT ALL SELECT id FROM base ORDER BY 1;
CREATE VIEW key_grouped AS SELECT id, "na ""me""", count(*) AS "how many" FROM base GROUP BY id;
CREATE VIEW over_key_grouped WITH (security_barrier = true) AS SELECT * FROM key_grouped;
CREATE VIEW whole_row AS SELECT base, (base).id FROM base;
CREATE VIEW only_one AS SELECT id FROM ONLY base FOR UPDATE;
CREATE VIEW nothing AS SELECT;
CREATE UNLOGGED TABLE gone (id integer);
CREATE VIEW over_unlogged AS SELECT * FROM gone;
ALTER VIEW local_check ALTER COLUMN price SET DEFAULT 2;
ALTER VIEW "odd; ""view""" ALTER COLUMN "%I" SET DEFAULT '%s''x';
COMMENT ON VIEW "odd; ""view""" IS 'odd';
COMMENT ON COLUMN "odd; ""view"""."%I" IS 'per cent';
COMMENT ON COLUMN key_grouped."how many" IS 'count';
COMMENT ON RULE "_RETURN" ON barrier IS 'its query';
GRANT SELECT ("%I"), UPDATE ("co l") ON "odd; ""view""" TO :"reader";
GRANT SELECT ON barrier TO :"reader" WITH GRANT OPTION;
ALTER VIEW barrier OWNER TO :"owner";
CREATE MATERIALIZED VIEW "m ""one""" WITH (fillfactor = 55, autovacuum_enabled = off, toast.autovacuum_enabled = off) AS SELECT id, "na ""me""", price FROM base;
CREATE UNIQUE INDEX "m id" ON "m ""one""" (id);
CREATE INDEX m_expression ON "m ""one""" (upper("na ""me"""));
ALTER MATERIALIZED VIEW "m ""one""" CLUSTER ON "m id";
ALTER INDEX m_expression ALTER COLUMN 1 SET STATISTICS 77;
ALTER MATERIALIZED VIEW "m ""one""" ALTER COLUMN price SET STATISTICS 11, ALTER COLUMN "na ""me""" SET STORAGE EXTERNAL, ALTER COLUMN id SET (n_distinct = 2);
\if :v14
ALTER MATERIALIZED VIEW "m ""one""" ALTER COLUMN "na ""me""" SET COMPRESSION pglz;
\endif
CREATE VIEW between_two AS SELECT id FROM "m ""one""";
CREATE MATERIALIZED VIEW a_two AS SELECT count(*) AS "n" FROM between_two;
CREATE MATERIALIZED VIEW a_three AS SELECT n FROM a_two UNION ALL SELECT id FROM key_grouped;
CREATE MATERIALIZED VIEW unfilled AS SELECT id FROM base WITH NO DATA;
CREATE UNIQUE INDEX unfilled_id ON unfilled (id);
CREATE MATERIALIZED VIEW reads_unfilled AS SELECT id FROM unfilled WITH NO DATA;
CREATE VIEW over_unfilled AS SELECT * FROM reads_unfilled;
COMMENT ON MATERIALIZED VIEW "m ""one""" IS 'first';
COMMENT ON COLUMN "m ""one""".price IS 'price';
COMMENT ON INDEX "m id" IS 'unique';
GRANT SELECT (price) ON "m ""one""" TO :"reader";
ALTER MATERIALIZED VIEW a_two OWNER TO :"owner";
GRANT SELECT ON between_two, "m ""one""" TO :"owner";
