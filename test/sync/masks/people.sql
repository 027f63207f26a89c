-- A database whose people must not leave it: each planted value begins with "planted".
CREATE EXTENSION citext;
CREATE DOMAIN phone_number AS text CHECK (VALUE ~ '^\+?[0-9 ]+$');
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE place AS (street text, zip text);
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email citext NOT NULL UNIQUE,
  "fullName" text NOT NULL,
  email_key text GENERATED ALWAYS AS (lower(email::text) || '!') STORED,
  phone phone_number,
  token uuid NOT NULL UNIQUE,
  secret bytea,
  home place,
  tags text[] NOT NULL DEFAULT '{}',
  notes text,
  zip varchar(8),
  mood mood,
  profile jsonb,
  CHECK (length("fullName") > 2)
);
CREATE UNIQUE INDEX users_email_lower ON users (lower(email::text)) WHERE mood IS NOT NULL;
COMMENT ON COLUMN users.profile IS 'personal data';
CREATE TABLE logins (
  email citext NOT NULL REFERENCES users (email) ON UPDATE CASCADE,
  at timestamptz NOT NULL,
  address inet,
  PRIMARY KEY (email, at)
) PARTITION BY RANGE (at);
CREATE TABLE logins_2025 PARTITION OF logins FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE logins_2026 (at timestamptz NOT NULL, address inet, email citext NOT NULL);
ALTER TABLE logins ATTACH PARTITION logins_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE parts (id int PRIMARY KEY, title text, price numeric(8, 2));
-- Its rows are read through the root: another server may spread them in another way.
CREATE TABLE moods (mood mood, who text NOT NULL) PARTITION BY HASH (mood);
CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE contacts (id int PRIMARY KEY, mail text);
CREATE TABLE vip_contacts (rank int) INHERITS (contacts);
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE TABLE "Odd ""table" ("e ""mail" varchar(80) DEFAULT 'nobody@example.com', n int);
CREATE VIEW addresses AS SELECT id, email FROM users;
CREATE MATERIALIZED VIEW domains AS SELECT split_part(email::text, '@', 2) AS domain, count(*) AS n FROM users GROUP BY 1;
CREATE STATISTICS users_facts ON email, "fullName" FROM users;

INSERT INTO users (email, "fullName", phone, token, secret, home, tags, notes, zip, mood, profile)
SELECT 'Planted.mail' || n || '@planted-domain.example', 'planted name ' || n,
  CASE WHEN n % 3 > 0 THEN '+49 170 ' || 5550000 + n END,
  md5('planted token ' || n)::uuid, convert_to('planted secret ' || n, 'UTF8'),
  ROW('planted street ' || n, '1234' || n % 10)::place, ARRAY['planted tag', n::text],
  CASE WHEN n % 2 = 0 THEN 'planted note ' || n END, 'pl' || n, 'good', jsonb_build_object('born', 'planted ' || n)
FROM generate_series(1, 200) AS n;
INSERT INTO logins (email, at, address)
SELECT email, '2025-11-01'::timestamptz + id * interval '1 day', '10.99.88.1' FROM users WHERE id <= 120;
INSERT INTO parts SELECT n, 'part ' || n, n / 3.0 FROM generate_series(1, 50) AS n;
INSERT INTO moods SELECT (ARRAY['good', 'bad'])[1 + n % 2]::mood, 'planted mood ' || n FROM generate_series(1, 20) AS n;
INSERT INTO contacts SELECT n, 'planted' || n || '@planted.example' FROM generate_series(1, 10) AS n;
INSERT INTO vip_contacts SELECT n, 'planted' || n || '@planted.example', n FROM generate_series(11, 15) AS n;
INSERT INTO "Odd ""table" SELECT CASE n WHEN 1 THEN 'planted without domain' ELSE 'Planted' || n || '@kept.example' END, n
FROM generate_series(1, 10) AS n;
REFRESH MATERIALIZED VIEW domains;
ANALYZE;
