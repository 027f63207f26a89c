import type { TablePolicy } from '../../src/environments/table-policy.ts';

/** What becomes of its tables; the names and policies are those of the preset `multiboard`. */
export const littlePolicies: Readonly<Record<string, TablePolicy>> = {
  Profile: 'preserve',
  ProfileMeta: 'preserve',
  List: 'preserve',
  ListPart: 'preserve',
  Result: 'truncate',
};

const common = `
CREATE TABLE "Component" ("id" serial PRIMARY KEY, "name" text NOT NULL);
CREATE TABLE "Part" ("id" serial PRIMARY KEY, "componentId" int NOT NULL REFERENCES "Component",
  "name" text NOT NULL, "price" numeric NOT NULL, "noise" text);
CREATE TABLE "Profile" ("id" serial PRIMARY KEY, "name" text,
  "createdAt" timestamp(3) DEFAULT CURRENT_TIMESTAMP NOT NULL);
CREATE TABLE "ProfileMeta" ("id" serial PRIMARY KEY, "profileId" int NOT NULL REFERENCES "Profile", "key" text);
CREATE TABLE "List" ("id" serial PRIMARY KEY, "profileId" int NOT NULL REFERENCES "Profile", "name" text);
CREATE TABLE "ListPart" ("id" serial PRIMARY KEY, "listId" int NOT NULL REFERENCES "List",
  "partId" int NOT NULL REFERENCES "Part");
CREATE TABLE "Result" ("id" int PRIMARY KEY);
CREATE INDEX ON "Part" ("name");
CREATE VIEW "Dear" AS SELECT "name", "price" FROM "Part" WHERE "price" > 100;
INSERT INTO "Component" ("name") SELECT 'component ' || n FROM generate_series(1, 10) AS n;`;

/** About a kilobyte a part, so that its rows take a while on a slow line. */
const parts = (count: number, factor: number): string => `
INSERT INTO "Part" ("componentId", "name", "price", "noise")
SELECT 1 + n % 10, 'part ' || n, n * ${factor},
  (SELECT string_agg(md5(n::text || k), '') FROM generate_series(1, 30) AS k)
FROM generate_series(1, ${count}) AS n;`;

const people = (count: number): string => `
INSERT INTO "Profile" ("name", "createdAt")
SELECT 'person ' || n, timestamp '2024-03-01' + n * interval '7 hours' FROM generate_series(1, ${count}) AS n;
INSERT INTO "ProfileMeta" ("profileId", "key") SELECT "id", 'theme' FROM "Profile";
INSERT INTO "List" ("profileId", "name") SELECT "id", 'list of ' || "name" FROM "Profile";
INSERT INTO "ListPart" ("listId", "partId") SELECT "id", "id" FROM "List";`;

/**
 * A Multiboard catalogue with a handful of tables, for tests of what happens to a run: the whole one
 * (test/support/multiboard.ts) has every kind of object, and costs each run twice as much.
 */
export const littleStaging = `${common}${parts(300, 1.5)}${people(1)}\nINSERT INTO "Result" VALUES (1);`;

/** Some weeks ago, with rows of people's own. */
export const littleProduction = `${common}${parts(290, 2)}${people(50)}\nINSERT INTO "Result" VALUES (7), (8);`;
