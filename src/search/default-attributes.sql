-- Purpose: one document per attribute: its name, its values, and the attributes below it.
-- Columns: document. Placeholder: the schema, in braces. Servers: 13 and later.
-- Columns that not every migration has are read through the row's JSON: where one is missing, so is its key.
SELECT jsonb_build_object(
  'id', a."id"::text,
  'name', a."name",
  'kind', to_jsonb(a) ->> 'kind',
  'description', to_jsonb(a) ->> 'description',
  'values', (
    SELECT jsonb_agg(DISTINCT v."value" ORDER BY v."value") FILTER (WHERE v."value" IS NOT NULL)
    FROM {schema}."AttributeValue" AS v
    WHERE v."attributeId" = a."id"
  ),
  'subAttributes', (
    SELECT jsonb_agg(DISTINCT s."name" ORDER BY s."name") FILTER (WHERE s."name" IS NOT NULL)
    FROM {schema}."_subAttributes" AS j JOIN {schema}."Attribute" AS s ON s."id" = j."B"
    WHERE j."A" = a."id"
  )
) AS document
FROM {schema}."Attribute" AS a
