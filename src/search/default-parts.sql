-- Purpose: one document per part: its own words, its component's name, its categories, tags and attribute values.
-- Columns: document. Placeholder: the schema, in braces. Servers: 13 and later; wants Prisma's indexes on the join tables.
-- Columns that not every migration has are read through the row's JSON: where one is missing, so is its key. A price
-- may be NaN, which JSON has no number for; it is then left out.
SELECT jsonb_build_object(
  'id', p."id"::text,
  'name', p."name",
  'slug', r.data ->> 'slug',
  'description', r.data ->> 'description',
  'status', r.data ->> 'status',
  'material', r.data ->> 'material',
  'componentId', p."componentId"::text,
  'component', c."name",
  'categories', (
    SELECT jsonb_agg(DISTINCT k."name" ORDER BY k."name") FILTER (WHERE k."name" IS NOT NULL)
    FROM {schema}."_CategoryToComponent" AS j JOIN {schema}."Categories" AS k ON k."id" = j."A"
    WHERE j."B" = p."componentId"
  ),
  'tags', (
    SELECT jsonb_agg(DISTINCT t."name" ORDER BY t."name") FILTER (WHERE t."name" IS NOT NULL)
    FROM {schema}."_PartToTag" AS j JOIN {schema}."Tag" AS t ON t."id" = j."B"
    WHERE j."A" = p."id"
  ),
  'attributes', a.pairs,
  'attributeValues', a.values,
  'price', CASE WHEN jsonb_typeof(r.data -> 'price') = 'number' THEN r.data -> 'price' END,
  'downloads', CASE WHEN jsonb_typeof(r.data -> 'downloads') = 'number' THEN r.data -> 'downloads' END,
  'updatedAt', CASE WHEN isfinite(u.at) THEN floor(extract(epoch FROM u.at))::bigint END
) AS document
FROM {schema}."Part" AS p
LEFT JOIN {schema}."Component" AS c ON c."id" = p."componentId"
CROSS JOIN LATERAL (SELECT to_jsonb(p) AS data) AS r
CROSS JOIN LATERAL (SELECT (r.data ->> 'updatedAt')::timestamp AS at) AS u
CROSS JOIN LATERAL (
  SELECT
    jsonb_agg(DISTINCT n."name" || ': ' || v."value" ORDER BY n."name" || ': ' || v."value")
      FILTER (WHERE n."name" IS NOT NULL AND v."value" IS NOT NULL) AS pairs,
    jsonb_agg(DISTINCT v."value" ORDER BY v."value") FILTER (WHERE v."value" IS NOT NULL) AS values
  FROM {schema}."_AttributeValueToPart" AS j
  JOIN {schema}."AttributeValue" AS v ON v."id" = j."A"
  JOIN {schema}."Attribute" AS n ON n."id" = v."attributeId"
  WHERE j."B" = p."id"
) AS a
