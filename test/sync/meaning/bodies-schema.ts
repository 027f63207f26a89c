import type { MeaningSchema } from './schema.ts';

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
ALTER TABLE split_rest ADD CONSTRAINT late CHECK (slug(t) <> 'never') NOT VALID;
${
  indexes
    ? `CREATE UNIQUE INDEX by_slug ON slugged (slug(t), id) WHERE same(mail, 'me@x');
CREATE INDEX by_made ON slugged (made(t));
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
            'SELECT array_agg(f::text ORDER BY id) AS rows FROM app.filled AS f',
          ]
        : []),
    ],
  };
}
