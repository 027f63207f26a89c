import type { MeaningSchema } from './schema.ts';

/** A type whose own comparison finds citext's by name, and what holds values of it without saying how. */
const word = `CREATE TYPE word AS (m citext);
CREATE FUNCTION of_word(word) RETURNS citext LANGUAGE sql IMMUTABLE AS 'SELECT $1.m';
CREATE FUNCTION word_cmp(word, word) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN citext_cmp(of_word($1), of_word($2)); END';
${['<', '<=', '=', '>=', '>']
  .map(
    (operator, at) =>
      `CREATE FUNCTION word_${at}(word, word) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN word_cmp($1, $2) ${operator} 0; END';
CREATE OPERATOR app.${operator} (LEFTARG = word, RIGHTARG = word, FUNCTION = word_${at});`,
  )
  .join('\n')}
CREATE OPERATOR CLASS word_ops DEFAULT FOR TYPE word USING btree AS OPERATOR 1 app.<, OPERATOR 2 app.<=, OPERATOR 3 app.=,
  OPERATOR 4 app.>=, OPERATOR 5 app.>, FUNCTION 1 word_cmp(word, word);
CREATE DOMAIN some_words AS word[];
CREATE TYPE span AS RANGE (subtype = word);
CREATE TYPE around AS (w word);
CREATE TABLE words (id int PRIMARY KEY, w word, a word[], d some_words, h around, hs around[]);
INSERT INTO words SELECT n, w, ARRAY[w], ARRAY[w], ROW(w)::around, ARRAY[ROW(w)::around]
FROM unnest('{a,B,A,c,D,e,F}'::text[]) WITH ORDINALITY AS u (t, n) CROSS JOIN LATERAL (SELECT ROW(u.t)::word) AS v (w);
-- Of a range the server knows the class, by which whatever is in the same table is found.
CREATE TABLE spans AS SELECT id, span(w, ROW('z')::word) AS r FROM words;`;

/**
 * Functions that find others, types and operators by plain names, and all that runs them while a database is made.
 * `s` holds the extensions; everything else is in `app`. With `indexes` for servers that build them under the path of
 * the session.
 */
export function bodiesSchema(s: string, { indexes }: { readonly indexes: boolean }): MeaningSchema {
  // Nobody could tell what `same` compares by where its callers find no citext by name.
  const path =
    s === 'public'
      ? ''
      : `DO $do$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = ${s.replaceAll("'", "''")}', current_database()); END $do$;`;
  const sql = `${path}
SET search_path = app, ${s};
CREATE FUNCTION half(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT left($1, length($1) / 2)';
CREATE FUNCTION tag(uuid) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT half($1::text)';
CREATE FUNCTION slug(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN /* no_such() */ RETURN half(lower($1)); END';
CREATE FUNCTION same(citext, citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 = $2; END';
CREATE FUNCTION "Later" (int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'DECLARE c clock; BEGIN c := ROW($1)::clock; RETURN c.h; END';
CREATE FUNCTION made(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$DECLARE r text; BEGIN EXECUTE 'SELECT ha' || 'lf($1)' INTO r USING $1; RETURN r; END$$;
CREATE FUNCTION own_path(text) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = app AS 'BEGIN RETURN half($1); END';
CREATE OPERATOR app.<<>> (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.textne);
CREATE FUNCTION unlike(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN $1 <<>> 'no'; END$$;
CREATE DOMAIN short AS text CHECK (slug(VALUE) <> 'no');
CREATE TYPE pair AS (a short, b int);
CREATE FUNCTION first(pair) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT left($1.a, 1)';
CREATE FUNCTION field(p pair) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT (p).first || ($1).first || U&"h\\0061lf"(p.a)';
CREATE TABLE tagged (id uuid PRIMARY KEY, tag text GENERATED ALWAYS AS (tag(id)) STORED);
INSERT INTO tagged VALUES ('00000000-0000-4000-8000-000000000001');
CREATE TABLE slugged (id int PRIMARY KEY, t text, slug text GENERATED ALWAYS AS (slug(t)) STORED, mail citext,
  me boolean GENERATED ALWAYS AS (same(mail, 'me@x')) STORED, hour int GENERATED ALWAYS AS ("Later"(id)) STORED,
  own text GENERATED ALWAYS AS (own_path(t)) STORED, d short, ds short[], p pair, f text GENERATED ALWAYS AS (field(p)) STORED, CHECK (slug(t) <> 'no'), CHECK (unlike(t)));
INSERT INTO slugged (id, t, mail, d, ds, p) SELECT g, 'Text ' || g, 'ME@x', 'ab', ARRAY['ab'::short], ROW('ab', 1)::pair FROM generate_series(1, 3) AS g;
CREATE TABLE split (t text) PARTITION BY LIST (slug(t));
CREATE TABLE split_te PARTITION OF split FOR VALUES IN ('te'); CREATE TABLE split_rest PARTITION OF split DEFAULT;
INSERT INTO split VALUES ('Text'), ('Other');
${word}
ALTER TABLE split_rest ADD CONSTRAINT late CHECK (slug(t) <> 'never') NOT VALID;
${
  indexes
    ? `CREATE UNIQUE INDEX by_slug ON slugged (slug(t), id) WHERE same(mail, 'me@x');
CREATE INDEX by_made ON slugged (made(t));
CREATE INDEX ON words (a); CREATE INDEX ON words (d); CREATE INDEX ON spans (r); CREATE INDEX ON words (h); CREATE INDEX ON words (hs);
CREATE MATERIALIZED VIEW filled AS SELECT id, slug(t) AS s, same(mail, 'me@X') AS me FROM slugged;`
    : ''
}
`;
  const under = `SET search_path = app, ${s};`;
  return {
    sql,
    probes: [
      'SELECT array_agg(t::text ORDER BY id) AS rows FROM app.tagged AS t',
      'SELECT array_agg(t::text ORDER BY id) AS rows FROM app.slugged AS t',
      'SELECT array_agg(t::text ORDER BY t::text) AS rows FROM app.split_te AS t',
      ...(indexes
        ? [
            `${under} SET enable_seqscan = off; SELECT count(*) FROM slugged WHERE same(mail, 'me@x') AND slug(t) = 'tex'`,
            `${under} SET enable_seqscan = off; SELECT count(*) FROM slugged WHERE made(t) = 'Tex'`,
            `${under} SET enable_seqscan = off; SELECT count(*) FROM spans WHERE r = span(ROW('A')::word, ROW('Z')::word)`,
            ...[
              `a = ARRAY[ROW('A')::word]`,
              `d = ARRAY[ROW('A')::word]::some_words`,
              `h = ROW(ROW('A')::word)::around`,
              `hs = ARRAY[ROW(ROW('A')::word)::around]`,
            ].map((where) => `${under} SET enable_seqscan = off; SELECT count(*) FROM words WHERE ${where}`),
            'SELECT array_agg(f::text ORDER BY id) AS rows FROM app.filled AS f',
          ]
        : []),
    ],
  };
}
