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
REFRESH MATERIALIZED VIEW domains;
ANALYZE;
