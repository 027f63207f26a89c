-- Text search parsers, templates, dictionaries and configurations.
SET client_min_messages = warning;
CREATE SCHEMA ts;
CREATE SCHEMA "Odd. ""ts""";
GRANT CREATE, USAGE ON SCHEMA ts TO :"owner";
-- Functions of one's own and of PostgreSQL's.
CREATE FUNCTION ts.my_init(internal) RETURNS internal LANGUAGE internal STRICT AS 'dsimple_init';
CREATE FUNCTION ts.my_lexize(internal, internal, internal, internal) RETURNS internal LANGUAGE internal STRICT AS 'dsimple_lexize';
CREATE FUNCTION ts."my ""start"""(internal, integer) RETURNS internal LANGUAGE internal STRICT AS 'prsd_start';

CREATE TEXT SEARCH PARSER ts.whole (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH PARSER ts.no_headline (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH PARSER "Odd. ""ts"""."odd
parser; --" (START = ts."my ""start""", GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE ts.with_init (INIT = ts.my_init, LEXIZE = ts.my_lexize);
CREATE TEXT SEARCH TEMPLATE ts.without_init (LEXIZE = ts.my_lexize);
CREATE TEXT SEARCH TEMPLATE "Odd. ""ts"""."odd
template; --" (INIT = dsimple_init, LEXIZE = dsimple_lexize);

CREATE TEXT SEARCH DICTIONARY ts.no_options (TEMPLATE = pg_catalog.simple);
CREATE TEXT SEARCH DICTIONARY ts.options (TEMPLATE = pg_catalog.simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH DICTIONARY ts.stems (TEMPLATE = snowball, LANGUAGE = 'russian', StopWords = 'russian');
CREATE TEXT SEARCH DICTIONARY ts.synonyms (TEMPLATE = synonym, SYNONYMS = synonym_sample, CASESENSITIVE = 1);
CREATE TEXT SEARCH DICTIONARY ts.spelling (TEMPLATE = ispell, DICTFILE = ispell_sample, AFFFILE = ispell_sample, STOPWORDS = english);
CREATE TEXT SEARCH DICTIONARY ts.of_mine (TEMPLATE = ts.with_init, "stopwords" = 'english');
CREATE TEXT SEARCH DICTIONARY ts.of_mine_without (TEMPLATE = ts.without_init);
CREATE TEXT SEARCH DICTIONARY "Odd. ""ts"""."odd
dictionary; --" (TEMPLATE = "Odd. ""ts"""."odd
template; --");
CREATE TEXT SEARCH DICTIONARY ts.phrases (TEMPLATE = thesaurus, DICTFILE = thesaurus_sample, DICTIONARY = pg_catalog.english_stem);

CREATE TEXT SEARCH CONFIGURATION ts.no_mappings (PARSER = pg_catalog."default");
CREATE TEXT SEARCH CONFIGURATION ts.copied (COPY = pg_catalog.english);
CREATE TEXT SEARCH CONFIGURATION ts.mapped (PARSER = ts.whole);
ALTER TEXT SEARCH CONFIGURATION ts.mapped ADD MAPPING FOR asciiword, word WITH ts.phrases, ts.spelling, "Odd. ""ts"""."odd
dictionary; --", ts.no_options, pg_catalog.simple;
ALTER TEXT SEARCH CONFIGURATION ts.mapped ADD MAPPING FOR url_path, email, "int", "float" WITH ts.synonyms, ts.of_mine;
CREATE TEXT SEARCH CONFIGURATION "Odd. ""ts"""."odd
configuration; --" (PARSER = "Odd. ""ts"""."odd
parser; --");
ALTER TEXT SEARCH CONFIGURATION "Odd. ""ts"""."odd
configuration; --" ADD MAPPING FOR hword_asciipart WITH ts.of_mine_without;

-- Used by a column, an index, a default.
CREATE TABLE ts.documents (
  id integer PRIMARY KEY, body text, configuration regconfig DEFAULT 'ts.copied',
  words tsvector GENERATED ALWAYS AS (to_tsvector('ts.copied', body)) STORED
);
CREATE INDEX ON ts.documents USING gin (to_tsvector('ts.copied'::regconfig, body));
CREATE FUNCTION ts.search(text, regdictionary DEFAULT 'ts.stems') RETURNS text[] LANGUAGE sql AS 'SELECT ts_lexize($2, $1)';
INSERT INTO ts.documents VALUES (1, 'The quick brown foxes');

ALTER TEXT SEARCH DICTIONARY ts.options OWNER TO :"owner";
ALTER TEXT SEARCH CONFIGURATION ts.mapped OWNER TO :"owner";
COMMENT ON TEXT SEARCH PARSER ts.whole IS 'it''s a parser';
COMMENT ON TEXT SEARCH TEMPLATE "Odd. ""ts"""."odd
template; --" IS E'line\nbreak';
COMMENT ON TEXT SEARCH DICTIONARY ts.stems IS 'stems';
COMMENT ON TEXT SEARCH CONFIGURATION "Odd. ""ts"""."odd
configuration; --" IS 'odd';
