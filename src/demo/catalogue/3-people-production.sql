-- Purpose: the tables of people's own data, as production has them: the same columns as staging's, some in another
-- order
--   (its migrations ran in another order), with the rows of real people. Their lists hold only parts that both have.
-- Settings: search_path; multiboard.parts (how many parts the catalogue has). Servers: 13 and later.
CREATE TABLE "Profile" (
  "id" text NOT NULL,
  "userId" uuid NOT NULL,
  "email" text NOT NULL,
  "name" text NOT NULL,
  "createdAt" timestamp(3) DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE TABLE "ProfileMeta" ("id" serial NOT NULL, "profileId" text NOT NULL, "key" text NOT NULL, "value" jsonb);
CREATE TABLE "List" (
  "id" serial NOT NULL,
  "profileId" text NOT NULL,
  "name" text NOT NULL,
  "visibility" "ListVisibility" DEFAULT 'PRIVATE' NOT NULL
);
CREATE TABLE "ListPart" (
  "note" text,
  "id" serial NOT NULL,
  "listId" integer NOT NULL,
  "quantity" integer DEFAULT 1 NOT NULL,
  "partId" text NOT NULL
);
CREATE TABLE "UndoOperation" (
  "id" serial NOT NULL,
  "profileId" text NOT NULL,
  "operation" jsonb NOT NULL,
  "createdAt" timestamp(3) DEFAULT CURRENT_TIMESTAMP NOT NULL
);

INSERT INTO "Profile" ("id", "userId", "name", "email", "createdAt")
SELECT 'p' || substr(md5('profile ' || n), 1, 24), md5('user ' || n)::uuid,
  CASE n WHEN 1 THEN 'NULL' WHEN 2 THEN E'O\'Brien \\ "Bob"' WHEN 3 THEN '山田 太郎 🧩' ELSE 'Maker ' || n END,
  'maker' || n || '@example.com', timestamp '2024-03-01' + n * interval '7 hours'
FROM generate_series(1, 200) AS n;
INSERT INTO "ProfileMeta" ("profileId", "key", "value")
SELECT 'p' || substr(md5('profile ' || n), 1, 24), 'theme', jsonb_build_object('dark', n % 2 = 0, 'n', n)
FROM generate_series(1, 200) AS n;
INSERT INTO "List" ("profileId", "name", "visibility")
SELECT 'p' || substr(md5('profile ' || n % 200 + 1), 1, 24), 'My wall ' || n,
  (ARRAY['PRIVATE', 'LINK', 'PUBLIC'])[n % 3 + 1]::"ListVisibility"
FROM generate_series(1, 300) AS n;
INSERT INTO "ListPart" ("listId", "partId", "quantity", "note")
SELECT n % 300 + 1, 'c' || substr(md5('part ' || k), 1, 24), n % 9 + 1,
  CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'two\nlines\tand a tab' ELSE 'for shelf ' || n END
FROM generate_series(1, 2000) AS n
CROSS JOIN LATERAL (SELECT (n * 13) % current_setting('multiboard.parts')::integer + 1 AS k) AS chosen
-- Production lacks every fiftieth part.
WHERE k % 50 <> 0;
INSERT INTO "UndoOperation" ("profileId", "operation", "createdAt")
SELECT 'p' || substr(md5('profile ' || n), 1, 24), jsonb_build_object('undo', 'remove part', 'step', n),
  timestamp '2025-05-01' + n * interval '1 minute'
FROM generate_series(1, 50) AS n;
