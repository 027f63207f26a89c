-- Purpose: the catalogue's rows, the same on every run: ids are md5 of a counter, choices are arithmetic.
-- Settings: search_path; multiboard.parts (how many parts); multiboard.variant: staging, or production, which is older:
--   it lacks every fiftieth part, has others that staging no longer has, and old names and prices.
-- Servers: 13 and later. One part in eight starts a component; about 5 attribute rows a part.
INSERT INTO "_prisma_migrations" ("id", "checksum", "finished_at", "migration_name", "started_at", "applied_steps_count")
-- The same migrations, as the schema is the same; production got each of them a week later.
SELECT md5('migration ' || n)::uuid::text, md5('a' || n) || md5('b' || n), at + interval '1 second',
  to_char(made, 'YYYYMMDDHH24MISS') || '_step_' || n, at, 1
FROM generate_series(1, 12) AS n
CROSS JOIN LATERAL (SELECT timestamptz '2024-01-01 00:00:00Z' + n * interval '20 days' AS made) AS m
CROSS JOIN LATERAL (
  SELECT made + CASE current_setting('multiboard.variant') WHEN 'staging' THEN interval '0' ELSE interval '7 days' END AS at
) AS t;

INSERT INTO "Categories" ("name", "slug", "description", "parentId", "position", "createdAt")
SELECT 'Category ' || n, 'category-' || n, CASE WHEN n % 4 = 0 THEN NULL ELSE 'Everything of kind ' || n END,
  CASE WHEN n > 8 THEN (n - 1) % 8 + 1 END, n, timestamp '2024-01-01' + n * interval '1 day'
FROM generate_series(1, 40) AS n;
INSERT INTO "CategoryMeta" ("categoryId", "key", "value")
SELECT n, 'icon', jsonb_build_object('glyph', chr(9632 + n)) FROM generate_series(1, 40) AS n;

INSERT INTO "PackType" ("name", "slug")
SELECT name, lower(name) FROM unnest(ARRAY['Core', 'Bins', 'Hooks', 'Tools', 'Extras']) WITH ORDINALITY AS t (name, n) ORDER BY n;
INSERT INTO "Pack"
SELECT 'k' || substr(md5('pack ' || n), 1, 24), 'Pack ' || n, 'pack-' || n, n % 5 + 1, (n % 50)::numeric + 0.50,
  timestamp '2024-02-01' + n * interval '3 hours'
FROM generate_series(1, 8 + current_setting('multiboard.parts')::integer / 100) AS n;
INSERT INTO "PackMeta" ("packId", "key", "value")
SELECT "id", 'sheets', to_jsonb(length("name")) FROM "Pack" ORDER BY "id";

INSERT INTO "Component" ("id", "name", "slug", "description", "status", "keywords", "createdAt", "updatedAt")
SELECT 'm' || substr(md5('component ' || n), 1, 24),
  (ARRAY['Tile', 'Bin', 'Hook', 'Shelf', 'Bracket', 'Drawer', 'Holder', 'Snap'])[n % 8 + 1] || ' ' || n,
  'component-' || n, CASE WHEN n % 3 = 0 THEN NULL ELSE 'Fits the ' || n % 25 || ' mm grid.' END,
  (ARRAY['ACTIVE', 'ACTIVE', 'DRAFT', 'RETIRED', 'on hold'])[n % 5 + 1]::"PartStatus",
  CASE WHEN n % 4 = 0 THEN ARRAY[]::text[] ELSE ARRAY['wall', 'grid ' || n % 25] END,
  timestamp '2024-01-05' + n * interval '10 minutes', timestamp '2025-01-05' + n * interval '10 minutes'
FROM generate_series(1, greatest(20, current_setting('multiboard.parts')::integer / 8)) AS n
ORDER BY n;
INSERT INTO "ComponentMeta" ("componentId", "key", "value")
SELECT "id", 'print', jsonb_build_object('hours', "number" % 17, 'supports', "number" % 4 = 0) FROM "Component" ORDER BY "number";

INSERT INTO "Part" ("id", "componentId", "packId", "name", "slug", "description", "status", "material", "cellsWide",
  "cellsHigh", "size", "price", "grams", "downloads", "colours", "meta", "preview", "availableFrom", "createdAt", "updatedAt")
SELECT 'c' || substr(md5('part ' || n), 1, 24), 'm' || substr(md5('component ' || n % components + 1), 1, 24),
  CASE WHEN n % 6 <> 0 THEN 'k' || substr(md5('pack ' || n % packs + 1), 1, 24) END,
  'Part ' || n || CASE WHEN old AND n % 20 = 0 THEN ' (old name)' ELSE '' END, 'part-' || n,
  CASE n % 9 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'Holds up to ' || n % 40 || ' kg. Prints in ' || n % 23 || ' h, batch ' || md5('d' || n) END,
  (ARRAY['ACTIVE', 'ACTIVE', 'ACTIVE', 'DRAFT', 'RETIRED', 'on hold'])[n % 6 + 1]::"PartStatus",
  (ARRAY['PLA', 'PETG', 'ABS', 'ASA'])[n % 4 + 1], n % 8 + 1, n % 5 + 1,
  CASE WHEN n % 7 <> 0 THEN ROW((n % 8 + 1) * 25, (n % 5 + 1) * 25, (n % 90) / 10.0)::"Dimensions" END,
  (n % 9973)::numeric / 100 + CASE WHEN old AND n % 10 = 0 THEN 1 ELSE 0 END, (n % 1013) / 7.0::double precision,
  n::bigint * 7919 % 1000003, CASE WHEN n % 5 <> 0 THEN ARRAY['black', 'shade ' || n % 31] END,
  jsonb_build_object('layer', (n % 30) / 100.0, 'tested', n % 2 = 0, 'notes', jsonb_build_array(n % 13, 'x')),
  CASE WHEN n % 16 = 0 THEN decode(md5('preview ' || n), 'hex') END, date '2024-01-01' + n % 900,
  timestamp '2024-01-10' + n % 500000 * interval '1 minute', timestamp '2025-06-01' + n % 500000 * interval '1 minute'
FROM (
  SELECT n, current_setting('multiboard.variant') = 'production' AS old,
    greatest(20, parts / 8) AS components, 8 + parts / 100 AS packs
  FROM (SELECT current_setting('multiboard.parts')::integer AS parts) AS p,
    -- Production still has parts that staging has dropped.
    generate_series(1, CASE current_setting('multiboard.variant') WHEN 'staging' THEN parts ELSE parts + parts / 100 END) AS n
  WHERE current_setting('multiboard.variant') = 'staging' OR n % 50 <> 0
) AS chosen
ORDER BY n;

INSERT INTO "Attribute" ("name", "kind", "description")
SELECT 'Attribute ' || n, (ARRAY['TEXT', 'NUMBER', 'LENGTH', 'COLOUR'])[n % 4 + 1]::"AttributeKind",
  CASE WHEN n % 2 = 0 THEN 'Measured with gauge ' || n END
FROM generate_series(1, 60) AS n;
INSERT INTO "AttributeMeta" ("attributeId", "key", "value")
SELECT n, 'unit', to_jsonb((ARRAY['mm', 'g', 'h'])[n % 3 + 1]) FROM generate_series(1, 60) AS n;
INSERT INTO "AttributeValue" ("attributeId", "value", "position")
SELECT (n - 1) / 25 + 1, CASE n % 100 WHEN 7 THEN 'NULL' WHEN 8 THEN '' ELSE 'Value ' || n END, n % 25
FROM generate_series(1, 1500) AS n;
INSERT INTO "AttributeValueMeta" ("attributeValueId", "key", "value")
SELECT n, 'hint', CASE WHEN n % 3 = 0 THEN 'null'::jsonb ELSE to_jsonb(n) END FROM generate_series(1, 1500, 10) AS n;

INSERT INTO "Tag" ("name", "colour")
SELECT 'tag ' || n, '#' || substr(md5('tag ' || n), 1, 6) FROM generate_series(1, 50) AS n;
INSERT INTO "Image" ("componentId", "url", "alt", "width", "height")
SELECT "id", 'https://images.example.com/' || "slug" || '.webp', CASE WHEN "number" % 3 = 0 THEN '' ELSE "name" END, 1200, 900
FROM "Component" ORDER BY "number";
INSERT INTO "Image" ("partId", "url", "alt", "width", "height")
SELECT "id", 'https://images.example.com/' || "slug" || '.webp', NULL, 800, 600
FROM "Part" WHERE "cellsWide" = 4 ORDER BY "number";
INSERT INTO "Option" ("key", "value", "enabled")
SELECT 'option.' || n, CASE WHEN n % 5 = 0 THEN NULL ELSE 'setting ' || n END, n % 3 <> 0 FROM generate_series(1, 40) AS n;
INSERT INTO "RelationType" ("name", "inverse")
SELECT name, inverse FROM (VALUES (1, 'needs', 'is needed by'), (2, 'replaces', 'is replaced by'), (3, 'fits', 'fits'),
  (4, 'mirrors', 'mirrors'), (5, 'contains', 'is part of'), (6, 'remixes', NULL)) AS t (n, name, inverse) ORDER BY n;
INSERT INTO "RelatedPart" ("partId", "relatedId", "relationTypeId")
SELECT "id", lag("id", 1, "id") OVER (ORDER BY "number"), "cells" % 6 + 1 FROM "Part" WHERE "cellsHigh" = 3 ORDER BY "number";

INSERT INTO "_AttributeValueToPart" ("A", "B")
SELECT k * 300 + (p."number" / 5 * (7 + k)) % 300 + 1, p."id"
FROM "Part" AS p CROSS JOIN generate_series(0, 4) AS k
WHERE (p."number" / 5 + k) % 40 <> 0;
INSERT INTO "_CategoryToComponent" ("A", "B")
SELECT ("number" / 2 * (3 + k)) % 20 + 1 + 20 * k, "id" FROM "Component" CROSS JOIN generate_series(0, 1) AS k;
INSERT INTO "_CategoryToPack" ("A", "B")
SELECT length("slug") + 1, "id" FROM "Pack";
INSERT INTO "_ComponentToTag" ("A", "B")
SELECT "id", ("number" / 2 * (5 + k)) % 25 + 1 + 25 * k FROM "Component" CROSS JOIN generate_series(0, 1) AS k;
INSERT INTO "_PartToTag" ("A", "B")
SELECT "id", "number" / 5 % 50 + 1 FROM "Part" WHERE "cellsWide" % 2 = 0;
INSERT INTO "_subAttributes" ("A", "B")
SELECT n, n + 30 FROM generate_series(1, 30) AS n;

INSERT INTO "PriceHistory"
SELECT "id", date '2023-12-01' + ("number" / 5 % 30)::integer * 30, "price" FROM "Part" WHERE "cellsHigh" = 2;

INSERT INTO "Result"
SELECT 'r' || substr(md5(current_setting('multiboard.variant') || ' result ' || n), 1, 24), 'bin ' || n,
  ARRAY['c' || substr(md5('part ' || n), 1, 24)], timestamp '2025-07-01' + n * interval '1 second'
FROM generate_series(1, greatest(10, current_setting('multiboard.parts')::integer / 50)) AS n;
INSERT INTO "_AttributeValueToResult" ("A", "B")
SELECT length("query") * 7, "id" FROM "Result";

-- A sequence that was used, a number beyond its rows, and one that was never used.
SELECT setval('"order numbers"', 7007, true);
SELECT setval('"Option_id_seq"', 5000, false);
