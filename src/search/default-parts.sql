-- Purpose: one document per part: its own words, its component's name, its categories, tags and attribute values.
-- Columns: document. Placeholder: the schema, in braces. Servers: 13 and later. Each joined list is grouped once for
-- all parts: asked part by part, a table without statistics (just loaded) makes the planner read whole tables once
-- per part. "C" order is quick and the same on every server. Columns that not every migration has are read through
-- the row’s JSON, made once a row (OFFSET 0): where one is missing, so is its key. A price may be NaN, which JSON has
-- no number for; it is then left out.
SELECT jsonb_build_object(
  'id', p."id"::text,
  'name', p."name",
  'slug', r.data ->> 'slug',
  'description', r.data ->> 'description',
  'status', r.data ->> 'status',
  'material', r.data ->> 'material',
  'componentId', p."componentId"::text,
  'component', c."name",
  'categories', k.names,
  'tags', t.names,
  'attributes', a.pairs,
  'attributeValues', a.values,
  'price', CASE WHEN jsonb_typeof(r.data -> 'price') = 'number' THEN r.data -> 'price' END,
  'downloads', CASE WHEN jsonb_typeof(r.data -> 'downloads') = 'number' THEN r.data -> 'downloads' END,
  'updatedAt', CASE WHEN isfinite(u.at) THEN floor(extract(epoch FROM u.at))::bigint END
) AS document
FROM {schema}."Part" AS p
LEFT JOIN {schema}."Component" AS c ON c."id" = p."componentId"
LEFT JOIN (
  SELECT j."B" AS "componentId",
    jsonb_agg(DISTINCT k."name" COLLATE "C" ORDER BY k."name" COLLATE "C") AS names
  FROM {schema}."_CategoryToComponent" AS j JOIN {schema}."Categories" AS k ON k."id" = j."A"
  WHERE k."name" IS NOT NULL
  GROUP BY j."B"
) AS k ON k."componentId" = p."componentId"
LEFT JOIN (
  SELECT j."A" AS "partId", jsonb_agg(DISTINCT t."name" COLLATE "C" ORDER BY t."name" COLLATE "C") AS names
  FROM {schema}."_PartToTag" AS j JOIN {schema}."Tag" AS t ON t."id" = j."B"
  WHERE t."name" IS NOT NULL
  GROUP BY j."A"
) AS t ON t."partId" = p."id"
LEFT JOIN (
  SELECT j."B" AS "partId",
    jsonb_agg(n."name" || ': ' || v."value" ORDER BY n."name" COLLATE "C", v."value" COLLATE "C") AS pairs,
    jsonb_agg(v."value" ORDER BY n."name" COLLATE "C", v."value" COLLATE "C") AS values
  FROM {schema}."_AttributeValueToPart" AS j
  JOIN {schema}."AttributeValue" AS v ON v."id" = j."A"
  JOIN {schema}."Attribute" AS n ON n."id" = v."attributeId"
  WHERE n."name" IS NOT NULL AND v."value" IS NOT NULL
  GROUP BY j."B"
) AS a ON a."partId" = p."id"
CROSS JOIN LATERAL (SELECT to_jsonb(p) AS data OFFSET 0) AS r
CROSS JOIN LATERAL (SELECT (r.data ->> 'updatedAt')::timestamp AS at OFFSET 0) AS u
