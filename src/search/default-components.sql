-- Purpose: one document per component: its own words, its categories and tags, how many parts it has. Columns:
-- document. Placeholder: the schema, in braces. Servers: 13 and later. Each joined list is grouped once for all
-- components (see default-parts.sql). Columns that not every migration has are read through the row’s JSON, made once
-- a row (OFFSET 0): where one is missing, so is its key.
SELECT jsonb_build_object(
  'id', c."id"::text,
  'name', c."name",
  'slug', r.data ->> 'slug',
  'description', r.data ->> 'description',
  'status', r.data ->> 'status',
  'categories', k.names,
  'tags', t.names,
  'parts', coalesce(p.parts, 0),
  'updatedAt', CASE WHEN isfinite(u.at) THEN floor(extract(epoch FROM u.at))::bigint END
) AS document
FROM {schema}."Component" AS c
LEFT JOIN (
  SELECT j."B" AS "componentId",
    jsonb_agg(DISTINCT k."name" COLLATE "C" ORDER BY k."name" COLLATE "C") AS names
  FROM {schema}."_CategoryToComponent" AS j JOIN {schema}."Categories" AS k ON k."id" = j."A"
  WHERE k."name" IS NOT NULL
  GROUP BY j."B"
) AS k ON k."componentId" = c."id"
LEFT JOIN (
  SELECT j."A" AS "componentId", jsonb_agg(DISTINCT t."name" COLLATE "C" ORDER BY t."name" COLLATE "C") AS names
  FROM {schema}."_ComponentToTag" AS j JOIN {schema}."Tag" AS t ON t."id" = j."B"
  WHERE t."name" IS NOT NULL
  GROUP BY j."A"
) AS t ON t."componentId" = c."id"
LEFT JOIN (
  SELECT p."componentId", count(*) AS parts FROM {schema}."Part" AS p GROUP BY p."componentId"
) AS p ON p."componentId" = c."id"
CROSS JOIN LATERAL (SELECT to_jsonb(c) AS data OFFSET 0) AS r
CROSS JOIN LATERAL (SELECT (r.data ->> 'updatedAt')::timestamp AS at OFFSET 0) AS u
