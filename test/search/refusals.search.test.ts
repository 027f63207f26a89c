import { expect, test } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { CollectionConfig } from '../../src/search/collection-config.ts';
import { Secret } from '../../src/lib/secret.ts';
import { moveAliases } from '../../src/search/move-aliases.ts';
import { timingOf } from '../../src/search/search-deps.ts';
import { SearchNodes } from '../../src/search/search-node.ts';
import { discardCollections } from '../../src/search/discard-collections.ts';
import { switchAliases } from '../../src/search/switch-aliases.ts';
import type { Plan } from '../../src/sync/contract/plan.ts';
import { planSync } from '../../src/sync/verbs/plan.ts';
import { createBench } from '../harness/environment-pair.ts';
import { sharedTypesense } from '../support/typesense.ts';
import { failure } from '../harness/failure.ts';
import { build, freshAlias, itemCollection, never, recordingReporter, searchFixture } from './fixture.ts';
import type { SearchFixture } from './fixture.ts';

/** A live collection behind an alias, to prove that a failed build leaves it alone. */
async function live(rows = 10): Promise<{ fixture: SearchFixture; alias: string; collection: string }> {
  const fixture = await searchFixture(sharedTypesense(), rows);
  const alias = freshAlias('items');
  const [receipt] = await switchAliases(fixture.deps, await build(fixture, [itemCollection(alias)]), never());
  return { fixture, alias, collection: receipt?.collection ?? '' };
}

async function expectUntouched(state: {
  fixture: SearchFixture;
  alias: string;
  collection: string;
}): Promise<void> {
  const { fixture, alias, collection } = state;
  expect(await fixture.wire.aliasTarget(alias)).toBe(collection);
  expect(await fixture.wire.collections(`${alias}__`)).toEqual([collection]);
}

test.each<[string, string, Partial<CollectionConfig>, string, string]>([
  [
    'a value of the wrong type',
    `UPDATE "Item" SET name = 's3cret value' WHERE id = 7`,
    { fields: [{ name: 'name', type: 'int32' }] },
    'SEARCH_DOCUMENT_REJECTED',
    'must be of type int32',
  ],
  [
    'NaN in a float field',
    `UPDATE "Item" SET ratio = 'NaN', name = 's3cret' WHERE id = 7`,
    {},
    'SEARCH_DOCUMENT_REJECTED',
    'document "7": field "ratio" must be of type float',
  ],
  [
    'a required field that is NULL',
    `UPDATE "Item" SET name = NULL WHERE id = 7`,
    {},
    'SEARCH_DOCUMENT_REJECTED',
    'document "7": field "name" is required and missing',
  ],
  [
    'a number outside int32, which the server would take',
    `UPDATE "Item" SET big = 3000000000 WHERE id = 7; UPDATE "Item" SET big = 5 WHERE id <> 7`,
    { fields: [{ name: 'big', type: 'int32' }] },
    'SEARCH_DOCUMENT_REJECTED',
    'document "7": field "big" holds a value outside',
  ],
  [
    'a geopoint with text in it, which the server would half index',
    'SELECT 1',
    {
      query: `SELECT json_build_object('id', id::text, 'where', json_build_array(1, name)) AS document FROM {schema}."Item"`,
      fields: [{ name: 'where', type: 'geopoint' }],
    },
    'SEARCH_DOCUMENT_REJECTED',
    'field "where" holds a value outside',
  ],
  [
    'a latitude that is none, of one place of several',
    'SELECT 1',
    {
      query: `SELECT json_build_object('id', id::text, 'a', '[[1,2],[3,4]]'::jsonb || jsonb_build_array(jsonb_build_array(CASE id WHEN 7 THEN 95 ELSE 5 END, 6))) AS document FROM {schema}."Item"`,
      fields: [{ name: 'a', type: 'geopoint[]' }],
    },
    'SEARCH_DOCUMENT_REJECTED',
    'document "7": field "a" holds a value outside',
  ],
  [
    'a number that no float of 32 bits holds',
    `UPDATE "Item" SET ratio = 1e300 WHERE id = 7`,
    {},
    'SEARCH_DOCUMENT_REJECTED',
    'document "7": field "ratio" holds a value outside',
  ],
  [
    'a key that the build writes itself',
    'SELECT 1',
    { query: `SELECT json_build_object('id', id::text, '_h', 1) AS document FROM {schema}."Item"` },
    'SEARCH_DOCUMENT_REJECTED',
    'its key "_h" is one that the build writes itself',
  ],
  [
    'a part of a field that this version passes over without a word',
    'SELECT 1',
    { fields: [{ name: 'name', type: 'string', stem: true, facet: true }] },
    'SEARCH_REFUSED',
    'does not know stem of field "name"',
  ],
  [
    'the same id twice',
    'SELECT 1',
    {
      query: `SELECT json_build_object('id', '1', 'n', id) AS document FROM {schema}."Item"`,
      fields: [{ name: 'n', type: 'int32' }],
    },
    'SEARCH_DOCUMENT_REJECTED',
    'document "1": its id appears more than once',
  ],
  [
    'an id that is a number',
    'SELECT 1',
    { query: `SELECT json_build_object('id', id) AS document FROM {schema}."Item"` },
    'SEARCH_QUERY_FAILED',
    'without a string "id"',
  ],
  [
    'an empty id',
    'SELECT 1',
    { query: `SELECT json_build_object('id', '') AS document FROM {schema}."Item"` },
    'SEARCH_DOCUMENT_REJECTED',
    'must not be empty',
  ],
  [
    'a document that is no object',
    'SELECT 1',
    { query: `SELECT '[1]'::json AS document FROM {schema}."Item"` },
    'SEARCH_QUERY_FAILED',
    'without a string "id"',
  ],
  [
    'a table that does not exist',
    'SELECT 1',
    { query: 'SELECT to_json(p) AS document FROM {schema}."Part" AS p' },
    'SEARCH_QUERY_FAILED',
    'relation "public.Part" does not exist',
  ],
  [
    'a query that fails on a row',
    `UPDATE "Item" SET name = 's3cret' WHERE id = 7`,
    { query: `SELECT json_build_object('id', name::integer::text) AS document FROM {schema}."Item"` },
    'SEARCH_QUERY_FAILED',
    'a value is not valid for its type',
  ],
  ['no row at all', 'DELETE FROM "Item"', {}, 'SEARCH_EMPTY', 'returns no document'],
  [
    'a field Typesense does not want',
    'SELECT 1',
    { fields: [{ name: 'name', type: 'string[]', sort: true }] },
    'SEARCH_REFUSED',
    'name',
  ],
])(
  '%s: a clear error, the alias unmoved, the new collection gone',
  async (_what, sql, changes, code, says) => {
    const state = await live();
    await state.fixture.database.query(sql);
    const error = await failure(
      build(state.fixture, [itemCollection(state.alias, changes)], { runId: 'run2' }),
    );
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
    expect(JSON.stringify([error.message, error.details])).not.toContain('s3cret');
    expect(error.cause).toBeUndefined();
    await expectUntouched(state);
  },
);

test('all kinds of fields go to the server as they are written', async () => {
  const fixture = await searchFixture(sharedTypesense(), 3);
  const alias = freshAlias('items');
  const query = `SELECT json_build_object('id', id::text, 'vector', json_build_array(id, 2, 3), 'places', '[[1,2],[90,-180]]'::json,
    'auto', id, 'any', name, 'x_1', id, 'part', json_build_object('n', id), 'parts', json_build_array(json_build_object('n', id))) AS document
    FROM {schema}."Item"`;
  const fields: CollectionConfig['fields'] = [
    { name: 'vector', type: 'float[]', num_dim: 3 },
    { name: 'places', type: 'geopoint[]' },
    { name: 'auto', type: 'auto' },
    { name: 'any', type: 'string*', facet: true },
    { name: 'x_.*', type: 'int32', optional: true, facet: true },
    { name: 'part', type: 'object' },
    { name: 'parts', type: 'object[]', optional: true },
  ];
  const config = itemCollection(alias, { query, fields, enableNestedFields: true });
  const built = await build(fixture, [config]);
  expect(built).toMatchObject([{ documents: 3 }]);
  await discardCollections(fixture.deps, built);
  // Lists of lists are nothing that the server finds a type for.
  const all = itemCollection(alias, { fields: [{ name: '.*', type: 'auto' }] });
  await discardCollections(fixture.deps, await build(fixture, [all]));
});

test('an empty result is fine where the configuration says so', async () => {
  const fixture = await searchFixture(sharedTypesense(), 0);
  const [built] = await build(fixture, [itemCollection(freshAlias('items'), { allowEmpty: true })]);
  expect(built?.documents).toBe(0);
});

test('a failing second collection takes the first one’s build with it', async () => {
  const state = await live();
  const other = freshAlias('other');
  const bad = itemCollection(other, { fields: [{ name: 'name', type: 'bool' }] });
  const error = await failure(build(state.fixture, [itemCollection(state.alias), bad], { runId: 'run2' }));
  expect(error.code).toBe('SEARCH_DOCUMENT_REJECTED');
  await expectUntouched(state);
  expect(await state.fixture.wire.collections(other)).toEqual([]);
});

test('a wrong API key is AUTH_SEARCH and is never shown', async () => {
  const { fixture, alias } = await live();
  const cluster = { ...fixture.cluster, apiKey: new Secret('planted-wrong-key') };
  const error = await failure(build({ deps: { ...fixture.deps, cluster } }, [itemCollection(alias)]));
  expect(error.code).toBe('AUTH_SEARCH');
  expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('planted-wrong-key');
});

test('a real collection with the alias’s name is never touched', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  await fixture.wire.send('POST', '/collections', { name: alias, fields: [{ name: 'a', type: 'string' }] });
  const error = await failure(build(fixture, [itemCollection(alias)]));
  expect(error.code).toBe('SEARCH_NAME_TAKEN');
  expect(await fixture.wire.collections(alias)).toEqual([alias]);
});

test('a cancel in the middle passes its reason on and leaves nothing behind', async () => {
  const state = await live(30_000);
  const controller = new AbortController();
  const reason = new SyncError('CANCELLED', 'Cancelled by a test.');
  const report = recordingReporter();
  report.onAdvance = () => controller.abort(reason);
  const options = { signal: controller.signal, report, runId: 'run2' };
  expect(await failure(build(state.fixture, [itemCollection(state.alias)], options))).toBe(reason);
  expect(report.items.get(state.alias)?.rows).toBeLessThan(30_000);
  await expectUntouched(state);
});

test('an alias that somebody else moved meanwhile is not overwritten', async () => {
  const { fixture, alias, collection } = await live();
  const built = await build(fixture, [itemCollection(alias)], { runId: 'run2' });
  await fixture.wire.send('PUT', `/aliases/${alias}`, { collection_name: 'elsewhere' });
  expect(await failure(switchAliases(fixture.deps, built, never()))).toMatchObject({
    code: 'SEARCH_ALIAS_REFUSED',
  });
  expect(await fixture.wire.aliasTarget(alias)).toBe('elsewhere');
  expect(collection).not.toBe('elsewhere');
});

test('a new collection that lost documents before the switch is not made live', async () => {
  const state = await live();
  const built = await build(state.fixture, [itemCollection(state.alias)], { runId: 'run2' });
  await state.fixture.wire.send('DELETE', `/collections/${built[0]?.collection}/documents/3`);
  const error = await failure(switchAliases(state.fixture.deps, built, never()));
  expect(error.code).toBe('MISMATCH_SEARCH');
  expect(await state.fixture.wire.aliasTarget(state.alias)).toBe(state.collection);
});

test('when one alias cannot move, those before it go back', async () => {
  const { fixture, alias, collection } = await live();
  const fresh = freshAlias('fresh');
  const clash = freshAlias('clash');
  await fixture.wire.send('POST', '/collections', { name: clash, fields: [{ name: 'a', type: 'string' }] });
  const timing = timingOf(fixture.deps);
  using nodes = new SearchNodes(fixture.cluster, timing);
  const moves = [
    { alias, from: collection, to: 'new_one' },
    { alias: fresh, from: null, to: 'new_two' },
    { alias: clash, from: null, to: 'new_three' },
  ];
  const error = await failure(moveAliases(nodes, moves, timing));
  expect(error).toMatchObject({ code: 'SEARCH_ALIAS_REFUSED', details: { alias: clash, notPutBack: [] } });
  expect(error.message).toContain('Every alias points where it did before');
  expect(await fixture.wire.aliasTarget(alias)).toBe(collection);
  expect(await fixture.wire.aliasTarget(fresh)).toBeNull();
});

test('a plan knows which collections the server would refuse, and leaves none behind', async () => {
  const fixture = await searchFixture(sharedTypesense(), 1);
  const { cluster } = fixture;
  const [good, nested, sorted] = [freshAlias('items'), freshAlias('nested'), freshAlias('sorted')];
  const collections = [
    itemCollection(good),
    itemCollection(nested, { fields: [{ name: 'parts', type: 'object' }] }),
    itemCollection(sorted, { fields: [{ name: 'name', type: 'string' }], defaultSortingField: 'name' }),
  ];
  const planWith = async (
    chosen: readonly CollectionConfig[],
    protection: 'open' | 'protected' | 'source-only' = 'open',
  ): Promise<Plan> => {
    const bench = await createBench({
      source: fixture.database,
      change: (config) => ({
        ...config,
        collections: chosen,
        environments: new Map(
          [...config.environments].map(([name, one]) => [
            name,
            { ...one, protection, search: name === 'dst' ? cluster : null },
          ]),
        ),
      }),
    });
    return planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst' },
      { signal: new AbortController().signal },
    );
  };
  const blockersOf = async (...input: Parameters<typeof planWith>): Promise<readonly string[]> =>
    (await planWith(...input)).blockers.map(({ code, message }) => `${code} ${message}`);
  expect(await blockersOf(collections.slice(0, 1))).toEqual([]);
  expect(await blockersOf(collections.slice(0, 2))).toEqual([
    expect.stringMatching(`^SEARCH_REFUSED Collection "${nested}" as it is configured: .*nested`),
  ]);
  expect(await blockersOf([...collections.slice(2), ...collections.slice(0, 1)])).toEqual([
    expect.stringMatching(`^SEARCH_REFUSED Collection "${sorted}" as it is configured: .*sort`),
  ]);
  // Nothing is tried where somebody has to name the target first, or nobody may.
  const { blockers, warnings } = await planWith(collections, 'protected');
  expect(blockers).toEqual([]);
  expect(warnings.join()).toContain('so a plan does not try its Typesense');
  for (const blocker of await blockersOf(collections, 'source-only'))
    expect(blocker).not.toContain('SEARCH_REFUSED');
  for (const alias of [good, nested, sorted])
    expect(await fixture.wire.collections(`${alias}__`)).toEqual([]);
});

test('every document that the server refuses is named, and where a query fails', async () => {
  const fixture = await searchFixture(sharedTypesense(), 30_000);
  const alias = freshAlias('items');
  await fixture.database.query(`UPDATE "Item" SET name = NULL WHERE id IN (3, 7, 11)`);
  const error = await failure(build(fixture, [itemCollection(alias)]));
  expect(error).toMatchObject({ code: 'SEARCH_DOCUMENT_REJECTED' });
  expect((error.details['documents'] as string[]).toSorted()).toEqual(['11', '3', '7']);
  expect(error.message).toMatch(
    /cannot take document "\d+": field "name" is required and missing\. Nor "\d+", "\d+"\./,
  );
  // Ordered, so that what fails comes last; 24 of 25 thousand have gone before it.
  const query = `SELECT json_build_object('id', id::text, 'name', 'n', 'big', 1, 'ratio', 1 / (25000 - id)) AS document FROM {schema}."Item" ORDER BY id`;
  const failed = await failure(build(fixture, [itemCollection(alias, { query })]));
  expect(failed).toMatchObject({ code: 'SEARCH_QUERY_FAILED' });
  expect(failed.message).toMatch(
    /22012.* It fails at a row after document "\d+", the last of \d+ that arrived\./,
  );
  expect(await fixture.wire.collections(`${alias}__`)).toEqual([]);
});
