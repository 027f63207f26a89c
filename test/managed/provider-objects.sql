-- Purpose: what the provider keeps in the customer's database beside schema public: accounts, files, secrets, change
--   feeds, event triggers, default privileges. Runs as supabase_admin in database postgres, which role postgres owns.
-- Settings: none. Servers: 15 and 17.
CREATE SCHEMA extensions AUTHORIZATION postgres;
GRANT USAGE ON SCHEMA extensions TO anon, authenticated, service_role;
CREATE EXTENSION "uuid-ossp" SCHEMA extensions;
CREATE EXTENSION pgcrypto SCHEMA extensions;

GRANT USAGE ON SCHEMA public TO postgres, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO postgres, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON FUNCTIONS TO postgres, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO postgres, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public
  GRANT ALL ON TABLES TO postgres, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public
  GRANT ALL ON FUNCTIONS TO postgres, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public
  GRANT ALL ON SEQUENCES TO postgres, anon, authenticated, service_role;

-- Accounts.
CREATE SCHEMA auth AUTHORIZATION supabase_auth_admin;
GRANT USAGE ON SCHEMA auth TO postgres, anon, authenticated, service_role;
SET ROLE supabase_auth_admin;
CREATE TYPE auth.factor_type AS ENUM ('totp', 'phone');
CREATE TABLE auth.users (
  id uuid PRIMARY KEY,
  email text UNIQUE,
  encrypted_password text,
  raw_user_meta_data jsonb DEFAULT '{}' NOT NULL,
  created_at timestamptz DEFAULT now() NOT NULL
);
CREATE TABLE auth.identities (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  provider text NOT NULL
);
CREATE TABLE auth.sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  factor auth.factor_type
);
CREATE TABLE auth.refresh_tokens (
  id bigserial PRIMARY KEY,
  session_id uuid REFERENCES auth.sessions ON DELETE CASCADE,
  token text UNIQUE
);
CREATE TABLE auth.schema_migrations (version text PRIMARY KEY);
ALTER TABLE auth.users ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('request.jwt.claim.role', true), '') $$;
INSERT INTO auth.users (id, email, encrypted_password)
  SELECT md5('user ' || n)::uuid, 'maker' || n || '@example.com', 'hash of ' || n FROM generate_series(1, 200) AS n;
INSERT INTO auth.identities SELECT md5('identity ' || id)::uuid, id, 'email' FROM auth.users;
INSERT INTO auth.sessions SELECT md5('session ' || id)::uuid, id, 'totp' FROM auth.users;
INSERT INTO auth.refresh_tokens (session_id, token) SELECT id, md5('token ' || id) FROM auth.sessions;
INSERT INTO auth.schema_migrations VALUES ('00'), ('20240101');
GRANT ALL ON auth.users, auth.identities, auth.sessions, auth.refresh_tokens TO postgres;
RESET ROLE;

-- Files.
CREATE SCHEMA storage AUTHORIZATION supabase_storage_admin;
GRANT USAGE ON SCHEMA storage TO postgres, anon, authenticated, service_role;
SET ROLE supabase_storage_admin;
CREATE TABLE storage.buckets (id text PRIMARY KEY, name text NOT NULL UNIQUE, public boolean DEFAULT false);
CREATE TABLE storage.objects (
  id uuid PRIMARY KEY,
  bucket_id text REFERENCES storage.buckets,
  name text,
  owner uuid,
  metadata jsonb
);
ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
INSERT INTO storage.buckets VALUES ('images', 'images', true);
INSERT INTO storage.objects
  SELECT md5('object ' || n)::uuid, 'images', n || '.png', md5('user ' || n)::uuid, '{}' FROM generate_series(1, 50) AS n;
GRANT ALL ON storage.buckets, storage.objects TO postgres, anon, authenticated, service_role;
RESET ROLE;

-- Secrets.
CREATE SCHEMA vault;
CREATE TABLE vault.secrets (id uuid PRIMARY KEY, name text UNIQUE, secret text NOT NULL);
INSERT INTO vault.secrets VALUES (md5('secret')::uuid, 'payment key', 'ciphertext');
CREATE VIEW vault.decrypted_secrets AS SELECT id, name, secret AS decrypted_secret FROM vault.secrets;

-- Change feeds.
CREATE SCHEMA realtime;
CREATE TABLE realtime.subscription (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entity regclass NOT NULL);
GRANT USAGE ON SCHEMA realtime TO postgres, anon, authenticated, service_role;
SET ROLE postgres;
CREATE PUBLICATION supabase_realtime;
RESET ROLE;

-- What the API is told when definitions change.
CREATE FUNCTION extensions.pgrst_ddl_watch() RETURNS event_trigger LANGUAGE plpgsql
  AS $$ BEGIN NOTIFY pgrst, 'reload schema'; END $$;
CREATE FUNCTION extensions.pgrst_drop_watch() RETURNS event_trigger LANGUAGE plpgsql
  AS $$ BEGIN NOTIFY pgrst, 'reload schema'; END $$;
CREATE EVENT TRIGGER pgrst_ddl_watch ON ddl_command_end EXECUTE FUNCTION extensions.pgrst_ddl_watch();
CREATE EVENT TRIGGER pgrst_drop_watch ON sql_drop EXECUTE FUNCTION extensions.pgrst_drop_watch();

ALTER DATABASE postgres SET "app.settings.jwt_exp" = '3600';
