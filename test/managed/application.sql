-- Purpose: what an application on Supabase adds to the Multiboard catalogue in schema public: keys to accounts,
--   row-level security, a live feed, a trigger on accounts and a policy on files. Runs as role postgres, after the
--   catalogue.
-- Settings: none. Servers: 15 and 17.
INSERT INTO auth.users (id, email)
  SELECT DISTINCT "userId", "userId" || '@example.com' FROM public."Profile" WHERE "userId" IS NOT NULL
  ON CONFLICT (id) DO NOTHING;
ALTER TABLE public."Profile" ADD CONSTRAINT "Profile_userId_fkey"
  FOREIGN KEY ("userId") REFERENCES auth.users (id) ON DELETE CASCADE;
CREATE TABLE public."ApiKey" (
  "id" uuid DEFAULT extensions.uuid_generate_v4() PRIMARY KEY,
  "partId" text REFERENCES public."Part" ON DELETE CASCADE,
  "digest" bytea DEFAULT extensions.gen_random_bytes(8) NOT NULL
);
INSERT INTO public."ApiKey" ("id", "partId", "digest")
  SELECT md5('key ' || "id")::uuid, "id", decode(md5("id"), 'hex') FROM public."Part" ORDER BY "id" LIMIT 40;

CREATE FUNCTION public.handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
  INSERT INTO public."Profile" ("id", "userId", "email", "name") VALUES (NEW.id::text, NEW.id, NEW.email, 'New maker');
  RETURN NEW;
END $$;
CREATE FUNCTION public.may_read_file(file text) RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT file IS NOT NULL $$;

ALTER TABLE public."Part" ENABLE ROW LEVEL SECURITY;
ALTER TABLE public."List" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "parts are for all" ON public."Part" FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY "lists are their owner's" ON public."List" TO authenticated
  USING ("profileId" IN (SELECT p."id" FROM public."Profile" AS p WHERE p."userId" = auth.uid()));

CREATE VIEW public."PartOverview" AS
  SELECT p."id", p."name", c."name" AS "component" FROM public."Part" AS p
  JOIN public."Component" AS c ON c."id" = p."componentId";

ALTER PUBLICATION supabase_realtime ADD TABLE public."Part", public."List";
