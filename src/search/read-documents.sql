-- Purpose: the documents of a search collection as Typesense takes them, one JSON object per row, without null keys.
-- Columns: id (NULL unless the document has a string id); hash of the document's text; name of a field whose value
--          Typesense would take but index wrongly (NULL where there is none); the document with its hash.
-- Placeholders (in braces below): query, the configured one; misfit, an expression over s.document. Servers: 13 and
-- later. OFFSET 0 keeps the planner from evaluating the query's expression once for every use of its result.
SELECT
  CASE WHEN pg_catalog.jsonb_typeof(d.document -> 'id') = 'string' THEN d.document ->> 'id' END AS id,
  d.hash,
  d.misfit,
  (d.document || pg_catalog.jsonb_build_object('_h', d.hash))::text AS document
FROM (
  SELECT
    s.document,
    pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(s.document::text, 'UTF8')), 'hex'), 32) AS hash,
    {misfit} AS misfit
  FROM (
    SELECT pg_catalog.jsonb_strip_nulls(q.document::jsonb) AS document
    FROM (
{query}
    ) AS q
    OFFSET 0
  ) AS s
  OFFSET 0
) AS d
