-- Purpose: the tables of people's own data, as staging has them, with staging's testers.
-- Settings: search_path; multiboard.parts (how many parts the catalogue has). Servers: 13 and later.
CREATE TABLE "Profile" (
  "id" text NOT NULL,
  "userId" uuid NOT NULL,
  "name" text NOT NULL,
  "email" text NOT NULL,
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
  "id" serial NOT NULL,
  "listId" integer NOT NULL,
  "partId" text NOT NULL,
  "quantity" integer DEFAULT 1 NOT NULL,
  "note" text
);
CREATE TABLE "UndoOperation" (
  "id" serial NOT NULL,
  "profileId" text NOT NULL,
  "operation" jsonb NOT NULL,
  "createdAt" timestamp(3) DEFAULT CURRENT_TIMESTAMP NOT NULL
);

INSERT INTO "Profile"
SELECT 'p' || substr(md5('staging profile ' || n), 1, 24), md5('staging user ' || n)::uuid, 'Tester ' || n,
  'tester' || n || '@example.org', timestamp '2025-02-01' + n * interval '1 hour'
FROM generate_series(1, 5) AS n;
INSERT INTO "List" ("profileId", "name", "visibility")
SELECT 'p' || substr(md5('staging profile ' || n), 1, 24), 'Test list ' || n, 'LINK' FROM generate_series(1, 5) AS n;
INSERT INTO "ListPart" ("listId", "partId", "quantity", "note")
SELECT n % 5 + 1, 'c' || substr(md5('part ' || n % current_setting('multiboard.parts')::integer + 1), 1, 24), n, 'test'
FROM generate_series(1, 20) AS n;
