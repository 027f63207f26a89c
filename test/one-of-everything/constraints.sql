-- Constraints of every kind: names, deferral, included columns, actions, column lists, not valid, not enforced, on
-- plain and partitioned tables.
CREATE TABLE other (a integer, b text, c integer, CONSTRAINT "o; pk" PRIMARY KEY (a), CONSTRAINT o_ab UNIQUE (a, b) INCLUDE (c) WITH (fillfactor = 90), CONSTRAINT o_b UNIQUE (b));
CREATE TABLE odd (
  "a ""x""" integer CONSTRAINT "checks; -- it" CHECK ("a ""x""" > 0),
  b text CHECK (b IN ('x', 'y')) CHECK (length(b) > 0),
  c varchar(5) CHECK (c IN ('x', 'y')),
  d integer CONSTRAINT alone CHECK (d <> 1) NO INHERIT,
  r int4range, t tsrange, p point,
  CONSTRAINT "two of
them" CHECK ("a ""x""" < d AND (b = 'it''s' OR b IS NULL)),
  CONSTRAINT true_one CHECK (true),
  CONSTRAINT deferred_unique UNIQUE (d, b) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT deferrable_unique UNIQUE (c) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT "ex; 1" EXCLUDE USING gist (r WITH &&, t WITH -|-) INCLUDE (d) WITH (fillfactor = 70) WHERE (d > 0) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ex_expression EXCLUDE USING btree ((d + 1) WITH =, lower(b) COLLATE "C" text_pattern_ops WITH =)
);
ALTER TABLE odd ADD CONSTRAINT later CHECK (d <> 2) NOT VALID, ADD CONSTRAINT later_alone CHECK (d <> 3) NO INHERIT NOT VALID;
ALTER TABLE odd ADD CONSTRAINT fk_actions FOREIGN KEY (d) REFERENCES other (a) MATCH SIMPLE ON UPDATE CASCADE ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE odd ADD CONSTRAINT "fk ""full""" FOREIGN KEY (d, b) REFERENCES other (a, b) MATCH FULL ON DELETE RESTRICT;
ALTER TABLE odd ADD CONSTRAINT fk_by_unique FOREIGN KEY (c) REFERENCES other (b) ON UPDATE SET NULL NOT VALID;
\if :v15
ALTER TABLE odd ADD CONSTRAINT fk_list FOREIGN KEY (d, b) REFERENCES other (a, b) ON DELETE SET NULL (b);
ALTER TABLE odd ADD CONSTRAINT fk_default FOREIGN KEY (d, b) REFERENCES other (a, b) ON DELETE SET DEFAULT (d);
ALTER TABLE odd ADD CONSTRAINT no_two_nulls UNIQUE NULLS NOT DISTINCT (b, d) INCLUDE (c);
\endif
\if :v18
ALTER TABLE odd ADD CONSTRAINT not_forced CHECK (d > 100) NOT ENFORCED;
ALTER TABLE odd ADD CONSTRAINT fk_not_forced FOREIGN KEY (d) REFERENCES other (a) ON DELETE CASCADE NOT ENFORCED;
\endif
CREATE TABLE root (k integer, v integer, o integer, CHECK (v > 0), CONSTRAINT root_pk PRIMARY KEY (k, v)) PARTITION BY RANGE (k);
CREATE TABLE root_1 PARTITION OF root FOR VALUES FROM (0) TO (10);
CREATE TABLE root_2 PARTITION OF root FOR VALUES FROM (10) TO (20) PARTITION BY HASH (v);
CREATE TABLE root_2_0 PARTITION OF root_2 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
ALTER TABLE root ADD CONSTRAINT root_fk FOREIGN KEY (o) REFERENCES other (a) DEFERRABLE;
ALTER TABLE root_1 ADD CONSTRAINT only_one FOREIGN KEY (v) REFERENCES other (a) ON DELETE CASCADE;
ALTER TABLE root_1 ADD CONSTRAINT one_unique UNIQUE (o), ADD CHECK (k <> 5);
ALTER TABLE root ADD CONSTRAINT root_later CHECK (v <> 7) NOT VALID;
ALTER TABLE root_1 VALIDATE CONSTRAINT root_later;
ALTER TABLE root_2 ADD CONSTRAINT middle CHECK (v <> 8) NOT VALID;
CREATE TABLE self_ref (k integer, v integer, pk integer, pv integer, PRIMARY KEY (k, v), FOREIGN KEY (pk, pv) REFERENCES self_ref) PARTITION BY LIST (k);
CREATE TABLE self_ref_1 PARTITION OF self_ref DEFAULT;
CREATE TABLE to_root (k integer, v integer, FOREIGN KEY (k, v) REFERENCES root ON DELETE CASCADE);
CREATE TABLE ring_a (id integer PRIMARY KEY, b integer);
CREATE TABLE ring_b (id integer PRIMARY KEY, a integer REFERENCES ring_a);
ALTER TABLE ring_a ADD FOREIGN KEY (b) REFERENCES ring_b;
COMMENT ON CONSTRAINT "checks; -- it" ON odd IS 'it''s checked';
COMMENT ON CONSTRAINT later ON odd IS 'later';
COMMENT ON CONSTRAINT "ex; 1" ON odd IS 'apart';
COMMENT ON CONSTRAINT root_fk ON root IS 'of all';
COMMENT ON CONSTRAINT root_later ON root_1 IS 'valid here';
COMMENT ON CONSTRAINT root_later ON root_2 IS 'not here';
ALTER TABLE odd ADD CONSTRAINT no_two_plain UNIQUE (d);
COMMENT ON INDEX "ex; 1" IS 'its index';
ALTER TABLE odd CLUSTER ON no_two_plain;
ALTER TABLE other REPLICA IDENTITY USING INDEX "o; pk";
INSERT INTO other VALUES (1, 'x', 1), (2, 'y', 2);
INSERT INTO odd VALUES (1, NULL, 'x', NULL, '[1,2)', NULL, NULL);
INSERT INTO root VALUES (1, 1, 1), (11, 1, 2);
INSERT INTO to_root VALUES (1, 1);
