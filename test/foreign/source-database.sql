-- A database with what a plain dump has to carry: awkward values, names and bodies. Servers: 14 and later.
CREATE SCHEMA "Shop;'s";
CREATE EXTENSION pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'it''s; trigrams';
CREATE TYPE public.mood AS ENUM ('sad', 'o''k', 'happy;');
CREATE DOMAIN public.positive AS integer CHECK (VALUE > 0);
CREATE TABLE public."Part" (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL DEFAULT $$a;'b'$$,
  payload jsonb,
  raw bytea,
  mood public.mood,
  tags text[],
  price numeric,
  seen timestamptz,
  twice numeric GENERATED ALWAYS AS (price * 2) STORED
);
INSERT INTO public."Part" (name, payload, raw, mood, tags, price, seen)
VALUES (E'\\.', '{"a": "\\."}', '\x00ff5c2e0a', 'happy;', '{NULL,"NULL","a,b","\\"}', 'NaN', 'infinity'),
       ('', '[]', '', 'sad', '{}', 9007199254740993, '-infinity'),
       (E'tab\tnl\ncr\rbs\\ \\N $$ -- ; \x01', 'null', NULL, 'o''k', NULL, 1e-20, '2024-02-29 12:00+00'),
       ('Schräubchen € 🔩', NULL, NULL, NULL, NULL, NULL, NULL),
       (E'\\connect x\n\\! rm\nDROP TABLE "Part";', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public."Part" (name) SELECT repeat('x', 1000) || n FROM generate_series(1, 300) AS n;
CREATE TABLE public.no_columns ();
INSERT INTO public.no_columns DEFAULT VALUES;
CREATE TABLE public.one_text (t text);
INSERT INTO public.one_text VALUES (''), ('\.'), (NULL);
CREATE TABLE "Shop;'s"."a ""b"" $c$" ("sel;ect" int REFERENCES public."Part" (id) ON DELETE CASCADE, b public.positive);
INSERT INTO "Shop;'s"."a ""b"" $c$" VALUES (1, 2);
COMMENT ON TABLE "Shop;'s"."a ""b"" $c$" IS E'line\n\\restrict x\n;';
CREATE TABLE public.parted (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE public.parted_1 PARTITION OF public.parted FOR VALUES FROM (0) TO (10);
INSERT INTO public.parted VALUES (1, 'x;');
CREATE FUNCTION public.dollars(a text) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
  -- ; $$ '
  IF a = $$;$$ THEN RETURN E'\'; \\'; END IF;
  RETURN a;
END;
$body$;
CREATE FUNCTION public.atomic(integer) RETURNS integer LANGUAGE sql
BEGIN ATOMIC
  SELECT 1;
  SELECT CASE WHEN $1 > 0 THEN CASE WHEN $1 > 1 THEN 2 END END + $1;
END;
CREATE PROCEDURE public.work() LANGUAGE sql BEGIN ATOMIC INSERT INTO public.one_text VALUES ('end;'); END;
CREATE VIEW public.v AS SELECT id, name || ';' AS "end" FROM public."Part";
CREATE MATERIALIZED VIEW public.m AS SELECT count(*) AS n FROM public."Part";
CREATE RULE r AS ON INSERT TO public.parted DO ALSO (INSERT INTO public.one_text VALUES ('a;'); INSERT INTO public.one_text VALUES ('b'));
CREATE FUNCTION public.touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER t BEFORE INSERT ON public."Part" FOR EACH ROW EXECUTE FUNCTION public.touched();
ALTER TABLE public."Part" ENABLE ROW LEVEL SECURITY;
ALTER TABLE public."Part" FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON public."Part" USING (name <> ';');
CREATE INDEX names ON public."Part" USING gin (name public.gin_trgm_ops) WHERE name <> E'\\;';
CREATE STATISTICS public.s ON id, name FROM public."Part";
CREATE SEQUENCE public.free START 7;
SELECT nextval('public.free');
GRANT SELECT (id, name) ON public."Part" TO PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
CREATE PUBLICATION pub FOR TABLE public.parted;
SELECT lo_from_bytea(0, decode(repeat('005c2e0a', 20000), 'hex'));
