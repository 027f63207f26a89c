import type { CollectionConfig } from '../../search/collection-config.ts';

/**
 * The collections of Multiboard's search. The texts are read out of the row as JSON: its `name`, or its `title` where it
 * has none; a description or slug where the table has that column. Everything a document says of other tables is
 * gathered once for each table and joined, so the server needs no index for it. Arrays are sorted in the C collation:
 * the same rows make the same document on every server.
 */
const text = (row: string): string => `coalesce(${row} ->> 'name', ${row} ->> 'title', ${row} ->> 'id')`;

/** One row `(id, texts)` for each row that the join table leads to. */
const gathered = (join: string, from: 'A' | 'B', table: string, expression: string): string => {
  const to = from === 'A' ? 'B' : 'A';
  return `SELECT j."${to}"::text AS id, array_agg(DISTINCT ${expression} COLLATE "C") AS texts
    FROM {schema}."${join}" AS j JOIN ${table} AS t ON t.row ->> 'id' = j."${from}"::text
    GROUP BY j."${to}"`;
};

const rows = (table: string): string => `(SELECT to_jsonb(x) AS row FROM {schema}."${table}" AS x)`;

/** `Attribute: value` for every attribute value. */
const attributeValues = `(SELECT v.row || jsonb_build_object('said', concat_ws(': ', ${text('a.row')}, coalesce(v.row ->> 'value', ${text('v.row')}))) AS row
      FROM ${rows('AttributeValue')} AS v LEFT JOIN ${rows('Attribute')} AS a ON a.row ->> 'id' = v.row ->> 'attributeId')`;

const shared = (row: string): string =>
  `'id', ${row} ->> 'id', 'name', ${text(row)}, 'description', ${row} ->> 'description', 'slug', ${row} ->> 'slug'`;

const componentFacts = `component_category AS MATERIALIZED (
    ${gathered('_CategoryToComponent', 'A', rows('Categories'), text('t.row'))}
  ), component_tag AS MATERIALIZED (
    ${gathered('_ComponentToTag', 'B', rows('Tag'), text('t.row'))}
  )`;

const componentsQuery = `WITH ${componentFacts}
SELECT jsonb_build_object(${shared('c.row')}, 'categories', coalesce(k.texts, '{}'), 'tags', coalesce(g.texts, '{}'),
  'parts', coalesce(n.parts, 0)) AS document
FROM ${rows('Component')} AS c
LEFT JOIN component_category AS k ON k.id = c.row ->> 'id'
LEFT JOIN component_tag AS g ON g.id = c.row ->> 'id'
LEFT JOIN (
  SELECT p.row ->> 'componentId' AS id, count(*) AS parts FROM ${rows('Part')} AS p GROUP BY 1
) AS n ON n.id = c.row ->> 'id'`;

const partsQuery = `WITH ${componentFacts}, part_tag AS MATERIALIZED (
    ${gathered('_PartToTag', 'B', rows('Tag'), text('t.row'))}
  ), part_value AS MATERIALIZED (
    ${gathered('_AttributeValueToPart', 'A', attributeValues, "(t.row ->> 'said')")}
  )
SELECT jsonb_build_object(${shared('p.row')}, 'component', ${text('c.row')}, 'componentId', c.row ->> 'id',
  'categories', coalesce(k.texts, '{}'), 'tags', coalesce(g.texts, h.texts, '{}'), 'attributes', coalesce(v.texts, '{}')) AS document
FROM ${rows('Part')} AS p
LEFT JOIN ${rows('Component')} AS c ON c.row ->> 'id' = p.row ->> 'componentId'
LEFT JOIN component_category AS k ON k.id = c.row ->> 'id'
LEFT JOIN component_tag AS h ON h.id = c.row ->> 'id'
LEFT JOIN part_tag AS g ON g.id = p.row ->> 'id'
LEFT JOIN part_value AS v ON v.id = p.row ->> 'id'`;

const attributesQuery = `SELECT jsonb_build_object(${shared('a.row')}, 'values', coalesce(v.texts, '{}')) AS document
FROM ${rows('Attribute')} AS a
LEFT JOIN (
  SELECT t.row ->> 'attributeId' AS id,
    array_agg(DISTINCT coalesce(t.row ->> 'value', ${text('t.row')}) COLLATE "C") AS texts
  FROM ${rows('AttributeValue')} AS t GROUP BY 1
) AS v ON v.id = a.row ->> 'id'`;

const sharedFields = [
  { name: 'name', type: 'string', sort: true },
  { name: 'description', type: 'string', optional: true },
  { name: 'slug', type: 'string', optional: true },
] as const satisfies CollectionConfig['fields'];

const facet = (name: string): CollectionConfig['fields'][number] => ({ name, type: 'string[]', facet: true });

export const multiboardCollections: readonly CollectionConfig[] = [
  {
    name: 'components',
    query: componentsQuery,
    fields: [...sharedFields, facet('categories'), facet('tags'), { name: 'parts', type: 'int32' }],
  },
  {
    name: 'parts',
    query: partsQuery,
    fields: [
      ...sharedFields,
      { name: 'component', type: 'string', facet: true, optional: true },
      { name: 'componentId', type: 'string', optional: true },
      facet('categories'),
      facet('tags'),
      facet('attributes'),
    ],
  },
  { name: 'attributes', query: attributesQuery, fields: [...sharedFields, facet('values')] },
];
