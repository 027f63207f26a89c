-- Purpose: one document per component: its own words, its categories and tags, how many parts it has.
-- Columns: document. Placeholder: the schema, in braces. Servers: 13 and later; wants Prisma's indexes on the join tables.
-- Columns that not every migration has are read through the row's JSON: where one is missing, so is its key.
SELECT jsonb_build_object(
  'id', c."id"::text,
  'name', c."name",
  'slug', r.data ->> 'slug',
  'description', r.data ->> 'description',
  'status', r.data ->> 'status',
  'categories', (
    SELECT jsonb_agg(DISTINCT k."name" ORDER BY k."name") FILTER (WHERE k."name" IS NOT NULL)
    FROM {schema}."_CategoryToComponent" AS j JOIN {schema}."Categories" AS k ON k."id" = j."A"
    WHERE j."B" = c."id"
  ),
  'tags', (
    SELECT jsonb_agg(DISTINCT t."name" ORDER BY t."name") FILTER (WHERE t."name" IS NOT NULL)
    FROM {schema}."_ComponentToTag" AS j JOIN {schema}."Tag" AS t ON t."id" = j."B"
    WHERE j."A" = c."id"
  ),
  'parts', (SELECT count(*) FROM {schema}."Part" AS p WHERE p."componentId" = c."id"),
  'updatedAt', CASE WHEN isfinite(u.at) THEN floor(extract(epoch FROM u.at))::bigint END
) AS document
FROM {schema}."Component" AS c
CROSS JOIN LATERAL (SELECT to_jsonb(c) AS data) AS r
CROSS JOIN LATERAL (SELECT (r.data ->> 'updatedAt')::timestamp AS at) AS u
