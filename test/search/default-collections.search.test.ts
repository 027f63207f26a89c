import { expect, test } from 'vitest';
import { defaultCollections } from '../../src/search/default-collections.ts';
import { collectionConfigSchema } from '../../src/search/collection-config.ts';
import type { CollectionConfig } from '../../src/search/collection-config.ts';
import { switchAliases } from '../../src/search/switch-aliases.ts';
import { createMultiboard } from '../support/multiboard.ts';
import { sharedTypesense } from '../support/typesense.ts';
import { failure } from '../harness/failure.ts';
import { build, freshAlias, never, searchFixture } from './fixture.ts';

const prefixed = (prefix: string): CollectionConfig[] =>
  defaultCollections.map((config) => ({ ...config, name: `${prefix}_${config.name}` }));

interface Found {
  readonly found: number;
  readonly hits: readonly { readonly document: { readonly id: string } }[];
}

test('the defaults satisfy the rules of a configuration', () => {
  for (const collection of defaultCollections)
    expect(collectionConfigSchema.parse(collection)).toEqual(collection);
});

test('a whole Multiboard catalogue, in a schema of its own name, becomes three verified collections', async () => {
  const fixture = await searchFixture(sharedTypesense());
  await createMultiboard(fixture.database.url, { parts: 2000, schema: 'multi "board"' });
  const prefix = freshAlias('mb');
  const deps = { ...fixture.deps, schema: 'multi "board"' };
  const built = await build({ deps }, prefixed(prefix));
  const receipts = await switchAliases(deps, built, never());
  const schema = '"multi ""board"""';
  const [rows] = await fixture.database.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM ${schema}."Part") AS parts, (SELECT count(*)::int FROM ${schema}."Component") AS components,
            (SELECT count(*)::int FROM ${schema}."Attribute") AS attributes`,
  );
  expect(receipts.map(({ alias, documents }) => [alias, documents])).toEqual([
    [`${prefix}_components`, rows?.['components']],
    [`${prefix}_attributes`, rows?.['attributes']],
    [`${prefix}_parts`, rows?.['parts']],
  ]);

  // A part is found by each thing that is joined to it, and by the same parts as the database says.
  const [sample] = await fixture.database.query<Record<string, string>>(
    `SELECT p.id, c.name AS component, k.name AS category, t.name AS tag, n.name || ': ' || v.value AS attribute
     FROM ${schema}."Part" p JOIN ${schema}."Component" c ON c.id = p."componentId"
     JOIN ${schema}."_CategoryToComponent" ck ON ck."B" = c.id JOIN ${schema}."Categories" k ON k.id = ck."A"
     JOIN ${schema}."_PartToTag" pt ON pt."A" = p.id JOIN ${schema}."Tag" t ON t.id = pt."B"
     JOIN ${schema}."_AttributeValueToPart" av ON av."B" = p.id JOIN ${schema}."AttributeValue" v ON v.id = av."A"
     JOIN ${schema}."Attribute" n ON n.id = v."attributeId"
     WHERE v.value LIKE 'Value%' ORDER BY p.id LIMIT 1`,
  );
  const search = (filter: string): Promise<Found> =>
    fixture.wire.json<Found>(
      `/collections/${prefix}_parts/documents/search?q=*&per_page=250&filter_by=${encodeURIComponent(filter)}`,
    );
  for (const [field, key] of [
    ['component', 'component'],
    ['categories', 'category'],
    ['tags', 'tag'],
    ['attributes', 'attribute'],
  ] as const) {
    const found = await search(`${field}:=\`${sample?.[key]}\` && id:=${sample?.['id']}`);
    expect(found.hits.map(({ document }) => document.id)).toEqual([sample?.['id']]);
  }
  const [tagged] = await fixture.database.query<{ parts: number }>(
    `SELECT count(*)::int AS parts FROM ${schema}."_PartToTag" pt JOIN ${schema}."Tag" t ON t.id = pt."B" WHERE t.name = $1`,
    [sample?.['tag']],
  );
  expect((await search(`tags:=\`${sample?.['tag']}\``)).found).toBe(tagged?.parts);
});

test('a database that lacks a column of later migrations still builds', async () => {
  const fixture = await searchFixture(sharedTypesense());
  await createMultiboard(fixture.database.url, { parts: 100 });
  await fixture.database.query(
    `ALTER TABLE "Part" DROP COLUMN "price" CASCADE, DROP COLUMN "material" CASCADE`,
  );
  const built = await build(fixture, prefixed(freshAlias('mb')).slice(2));
  expect(built[0]?.documents).toBeGreaterThan(90);
  const [document] = [...(await fixture.wire.documents(built[0]?.collection ?? '')).values()];
  expect(document).not.toHaveProperty('price');
  expect(document).not.toHaveProperty('material');
  expect(document).toHaveProperty('component');
});

test('a database without these tables is told which one is missing', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const error = await failure(build(fixture, prefixed(freshAlias('mb'))));
  expect(error.code).toBe('SEARCH_QUERY_FAILED');
  expect(error.message).toMatch(/relation "public\.\w+" does not exist/);
});
