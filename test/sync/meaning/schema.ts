import { bodiesSchema } from './bodies-schema.ts';

/**
 * Definitions whose text leaves an operator's schema out, of every kind that can hold one, over types whose operators
 * stand in the schema `s`, and what tells the copy's meaning from the source's.
 */
export interface MeaningSchema {
  readonly sql: string;
  /** Each gives one row; the same on both ends where every name has found the same operator. */
  readonly probes: readonly string[];
}

export function meaningSchema(
  s: string,
  major: number,
  { indexes = false }: { readonly indexes?: boolean } = {},
): MeaningSchema {
  const bodies = bodiesSchema(s, { indexes });
  const later = (since: number, sql: string): string => (major >= since ? sql : '');
  const sql = `
CREATE SCHEMA IF NOT EXISTS ${s}; CREATE SCHEMA app;
CREATE EXTENSION citext WITH SCHEMA ${s}; CREATE EXTENSION hstore WITH SCHEMA ${s}; CREATE EXTENSION ltree WITH SCHEMA ${s};
SET search_path = ${s};
-- A type of one's own: equal are those with the same remainder, which no built-in operator finds.
CREATE TYPE ${s}.clock AS (h int);
CREATE FUNCTION ${s}.clock_eq(${s}.clock, ${s}.clock) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).h % 12 = ($2).h % 12';
CREATE FUNCTION ${s}.clock_ne(${s}.clock, ${s}.clock) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).h % 12 <> ($2).h % 12';
CREATE OPERATOR ${s}.= (LEFTARG = ${s}.clock, RIGHTARG = ${s}.clock, FUNCTION = ${s}.clock_eq, COMMUTATOR = =);
CREATE OPERATOR ${s}.<> (LEFTARG = ${s}.clock, RIGHTARG = ${s}.clock, FUNCTION = ${s}.clock_ne);
CREATE TABLE app.account (id int PRIMARY KEY, mail citext, more hstore, place ltree, at clock, kind varchar(9),
  CONSTRAINT no_root CHECK (mail IS DISTINCT FROM 'root@x'::citext), CONSTRAINT kinds CHECK (CASE kind WHEN 'bad' THEN false ELSE true END),
  is_me int GENERATED ALWAYS AS (CASE mail WHEN 'me@x'::citext THEN 1 ELSE 0 END) STORED);
CREATE TABLE app.other (mail citext, n int);
INSERT INTO app.account VALUES (1, 'Hidden@X', 'a=>1', 'a.b', ROW(1)), (2, 'ME@x', '', 'a', ROW(13)), (3, 'you@x', 'a=>1', 'a', ROW(2));
INSERT INTO app.other VALUES ('me@X', 2), ('HIDDEN@x', 1), ('you@x', 4);
CREATE VIEW app.v_using AS SELECT id, n FROM app.account JOIN app.other USING (mail);
CREATE VIEW app.v_natural AS SELECT id, n FROM (SELECT id, mail FROM app.account) AS a NATURAL JOIN app.other;
CREATE VIEW app.v_case AS SELECT id, CASE mail WHEN 'me@x'::citext THEN 1 ELSE 0 END AS mine, CASE at WHEN ROW(1)::clock THEN 1 END AS one,
  CASE kind WHEN 'good' THEN 1 END AS good FROM app.account;
CREATE VIEW app.v_nullif AS SELECT id, NULLIF(mail, 'hidden@x'::citext) AS mail, NULLIF(more, ''::hstore) AS more, NULLIF(at, ROW(13)::clock) AS at FROM app.account;
CREATE VIEW app.v_distinct AS SELECT id, mail IS DISTINCT FROM 'me@x'::citext AS d, place IS NOT DISTINCT FROM 'a'::ltree AS p FROM app.account;
CREATE VIEW app.v_row AS SELECT id, (id, mail) = (2, 'me@X'::citext) AS e, (id, mail) < (2, 'ma'::citext) AS l,
  (mail, place) >= ('hidden@x'::citext, 'a'::ltree) AS g FROM app.account;
CREATE VIEW app.v_in AS SELECT id FROM app.account WHERE (id, mail) IN (SELECT n, mail FROM app.other);
CREATE VIEW app.v_any AS SELECT id FROM app.account WHERE mail = ANY (SELECT mail FROM app.other) AND (mail, place) = ANY (SELECT 'me@X'::citext, 'a'::ltree);
-- Beside a plain name that means the built-in operator, and one that is written in full.
CREATE VIEW app.v_mixed AS SELECT id, CASE mail WHEN 'me@x'::citext THEN 1 END AS a, CASE mail::text WHEN 'me@x' THEN 1 END AS b, mail = 'me@X' AS c FROM app.account;
CREATE MATERIALIZED VIEW app.m_using AS SELECT id, n FROM app.account JOIN app.other USING (mail);
CREATE DOMAIN app.polite AS citext CHECK (VALUE IS DISTINCT FROM 'rude'::citext);
CREATE DOMAIN app.named AS int DEFAULT (CASE 'A'::citext WHEN 'a'::citext THEN 1 ELSE 0 END);
CREATE TABLE app.uses (id int PRIMARY KEY DEFAULT (CASE 'B'::citext WHEN 'b'::citext THEN 100 ELSE 0 END), word app.polite, number app.named, mail citext,
  during int4range, EXCLUDE USING gist (during WITH &&) WHERE (mail IS DISTINCT FROM 'free'::citext));
CREATE UNIQUE INDEX one_me ON app.uses ((CASE mail WHEN 'me'::citext THEN 1 END)) WHERE mail IS DISTINCT FROM 'none'::citext;
ALTER TABLE app.uses ADD CONSTRAINT late CHECK (NULLIF(mail, 'never'::citext) IS NOT NULL) NOT VALID;
CREATE TABLE app.fired (n int);
CREATE FUNCTION app.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO app.fired VALUES (1); RETURN NEW; END';
CREATE TRIGGER moved AFTER UPDATE ON app.account FOR EACH ROW WHEN (OLD.mail IS DISTINCT FROM NEW.mail OR OLD.place IS DISTINCT FROM NEW.place)
  EXECUTE FUNCTION app.fire();
CREATE TABLE app.ruled (mail citext);
CREATE RULE skip AS ON INSERT TO app.ruled WHERE CASE NEW.mail WHEN 'skip'::citext THEN true ELSE false END DO INSTEAD NOTHING;
ALTER TABLE app.other ENABLE ROW LEVEL SECURITY; ALTER TABLE app.other FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON app.other USING (mail IS NOT DISTINCT FROM 'ME@X'::citext) WITH CHECK (NULLIF(mail, 'x'::citext) IS NOT NULL);
CREATE TABLE app.parted (mail citext, n int) PARTITION BY LIST ((CASE mail WHEN 'me'::citext THEN 1 ELSE 0 END));
CREATE TABLE app.parted_me PARTITION OF app.parted FOR VALUES IN (1); CREATE TABLE app.parted_no PARTITION OF app.parted FOR VALUES IN (0);
INSERT INTO app.parted VALUES ('ME', 1), ('you', 2);
CREATE FUNCTION app.arg(a int DEFAULT (CASE 'Z'::citext WHEN 'z'::citext THEN 5 ELSE 0 END)) RETURNS int LANGUAGE sql AS 'SELECT a';
${later(
  14,
  `CREATE FUNCTION app.body(m citext) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE m WHEN 'me'::citext THEN 1 ELSE 0 END; END;
CREATE STATISTICS app.told ON (NULLIF(mail, 'a'::citext)), (id + 1) FROM app.account;
-- The server writes the marks of a cycle in words that none can read.
CREATE VIEW app.v_cycle AS WITH RECURSIVE w (mail, n) AS (SELECT mail, id FROM app.account UNION ALL SELECT o.mail, o.n FROM w JOIN app.other AS o USING (mail))
  CYCLE mail SET is_cycle TO citext 'Y' DEFAULT citext 'N' USING path SELECT n, is_cycle FROM w WHERE is_cycle IS DISTINCT FROM 'n'::citext;`,
)}
${bodies.sql}`;
  const refused = (statement: string): string => {
    const body = `DO $$ BEGIN ${statement}; RAISE EXCEPTION 'accepted'; EXCEPTION WHEN check_violation OR unique_violation OR exclusion_violation THEN PERFORM set_config('probe.last', 'refused', false); WHEN OTHERS THEN PERFORM set_config('probe.last', SQLERRM, false); END $$`;
    return `${body};SELECT current_setting('probe.last') AS outcome`;
  };
  const set = `SET search_path = '';`;
  const rows = (view: string): string =>
    `${set} SELECT array_agg(v::text ORDER BY v::text) AS rows FROM ${view} AS v`;
  return {
    sql,
    probes: [
      ...['using', 'natural', 'case', 'nullif', 'distinct', 'row', 'in', 'any', 'mixed'].map((name) =>
        rows(`app.v_${name}`),
      ),
      rows('app.m_using'),
      `${set} SELECT array_agg(pg_typeof(mail)::text) AS types FROM app.v_nullif`,
      refused(`INSERT INTO app.account (id, mail) VALUES (9, 'ROOT@X')`),
      refused(`INSERT INTO app.account (id, kind) VALUES (9, 'bad')`),
      refused(`INSERT INTO app.uses (word) VALUES ('RUDE')`),
      refused(`INSERT INTO app.uses (id, mail) VALUES (1, 'ME'), (2, 'me')`),
      refused(`INSERT INTO app.uses (id, mail) VALUES (1, 'NONE'), (2, 'none')`),
      refused(`INSERT INTO app.uses (id, mail, during) VALUES (1, 'FREE', '[1,2]'), (2, 'free', '[1,2]')`),
      refused(`INSERT INTO app.uses (id, mail) VALUES (1, 'NEVER')`),
      refused(
        `INSERT INTO app.uses (mail) VALUES ('defaults'); IF (SELECT id = 100 AND number = 1 FROM app.uses) THEN RAISE EXCEPTION 'right'; END IF`,
      ),
      refused(
        `UPDATE app.account SET mail = upper(mail::text)::${s}.citext; IF (SELECT count(*) FROM app.fired) = 0 THEN RAISE EXCEPTION 'quiet'; END IF`,
      ),
      refused(
        `INSERT INTO app.ruled VALUES ('SKIP'); IF (SELECT count(*) FROM app.ruled) = 0 THEN RAISE EXCEPTION 'skipped'; END IF`,
      ),
      refused(
        `INSERT INTO app.parted VALUES ('mE'); IF (SELECT count(*) FROM app.parted_me) = 2 THEN RAISE EXCEPTION 'beside'; END IF`,
      ),
      'SELECT app.arg() AS five',
      ...bodies.probes,
      ...(major >= 14 ? [`SELECT app.body('ME') AS one`, rows('app.v_cycle')] : []),
    ],
  };
}
