import { expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import { discardCollections } from '../../src/search/discard-collections.ts';
import { documentQuery } from '../../src/search/document-query.ts';
import { DocumentDigest } from '../../src/search/document-digest.ts';
import { documentProof, parseDocument } from '../../src/search/document-proof.ts';
import { retireCollections } from '../../src/search/leftovers.ts';
import { restoreAliases } from '../../src/search/restore-aliases.ts';
import { SearchNodes } from '../../src/search/search-node.ts';
import { timingOf } from '../../src/search/search-deps.ts';
import { switchAliases } from '../../src/search/switch-aliases.ts';
import { testCluster } from '../../src/search/test-cluster.ts';
import { verifyCollection } from '../../src/search/verify-collection.ts';
import { sharedTypesense, startTypesense } from '../support/typesense.ts';
import { failure } from '../harness/failure.ts';
import {
  build,
  freshAlias,
  itemCollection,
  never,
  quickTiming,
  recordingReporter,
  searchFixture,
} from './fixture.ts';
import type { SearchFixture } from './fixture.ts';

const stamp = (day: number): string => `202001${String(day).padStart(2, '0')}000000`;

async function emptyCollection({ wire }: SearchFixture, name: string): Promise<string> {
  const { status } = await wire.send('POST', '/collections', {
    name,
    fields: [{ name: 'a', type: 'string' }],
  });
  expect(status).toBe(201);
  return name;
}

test('after a switch what is older than the collection kept for undo goes, and nothing else', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  const names = Array.from({ length: 6 }, (_, day) => `${alias}__${stamp(day + 1)}_run`);
  const ofOtherServices = [
    `${alias}__${stamp(1)}_another_5f0c77aa`,
    `${alias}__${stamp(2)}_another_5f0c77aa`,
  ];
  const foreign = [
    `${alias}_v2`,
    `${alias}__backup`,
    `${alias}__${stamp(1)}_another`,
    `${alias}__${stamp(1)}_another_00c0ffee`,
    `${alias}__${stamp(4)}_another_5f0c77aa`,
  ];
  for (const name of [...names, ...foreign, ...ofOtherServices]) await emptyCollection(fixture, name);
  const [oldest, aliased, previous, undone, live, elsewhere] = names as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  await fixture.wire.send('PUT', `/aliases/${alias}`, { collection_name: live });
  await fixture.wire.send('PUT', `/aliases/${alias}_other`, { collection_name: aliased });
  const retire = (kept: string | null, lockMark: string | null) =>
    retireCollections(
      fixture.deps,
      { aliases: [alias], previous: new Map([[alias, kept]]), runIds: ['run'], lockMark },
      never(),
    );
  expect(await retire(null, '5f0c77aa')).toEqual({ removed: [], left: [] });
  expect(await retire(previous, null)).toEqual({ removed: [oldest], left: [] });
  const retired = await retire(previous, '5f0c77aa');
  expect({ ...retired, removed: retired.removed.toSorted() }).toEqual({ removed: ofOtherServices, left: [] });
  const rest = [aliased, previous, undone, live, elsewhere, ...foreign];
  expect((await fixture.wire.collections(alias)).sort()).toEqual(rest.sort());
});

test('an alias whose collection is not there is no first build', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  await fixture.wire.send('PUT', `/aliases/${alias}`, { collection_name: `${alias}__${stamp(1)}_run` });
  const error = await failure(build(fixture, [itemCollection(alias)]));
  expect(error).toMatchObject({ code: 'SEARCH_UNAVAILABLE', details: { alias } });
  expect(error.message).toContain('does not exist: Typesense is not ready, or has lost it');
  expect(await fixture.wire.collections(`${alias}__`)).toEqual([]);
});

test('discard refuses a live collection and one that is not ours', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  const foreign = await emptyCollection(fixture, `${alias}_mine`);
  const [receipt] = await switchAliases(fixture.deps, await build(fixture, [itemCollection(alias)]), never());
  const wanted = [receipt?.collection ?? '', foreign, alias].map((collection) => ({ alias, collection }));
  const { removed, left } = await discardCollections(fixture.deps, wanted);
  expect(removed).toEqual([]);
  expect(left.map(({ error }) => error.code)).toEqual(['CONFLICT_STATE', 'CONFLICT_STATE', 'CONFLICT_STATE']);
  expect((await fixture.wire.documents(alias)).size).toBe(10);
});

test('synonyms and overrides are carried over, with what was edited during the build', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  const [first] = await switchAliases(fixture.deps, await build(fixture, [itemCollection(alias)]), never());
  const put = (path: string, body: object): Promise<unknown> =>
    fixture.wire.send('PUT', `/collections/${alias}/${path}`, body);
  const override = (ids: readonly string[]): object => ({
    rule: { query: 'bin', match: 'exact' },
    includes: ids.map((id, index) => ({ id, position: index + 1 })),
  });
  await put('synonyms/plain', { synonyms: ['bin', 'box'] });
  await put('synonyms/a%20b%2Fc', { root: 'bin', synonyms: ['tray'] });
  await put('overrides/pin', override(['3']));
  const built = await build(fixture, [itemCollection(alias)], { runId: 'run2' });
  await put('synonyms/plain', { synonyms: ['bin', 'crate'] });
  await put('overrides/late', override(['4']));
  await fixture.wire.send('DELETE', `/collections/${alias}/overrides/pin`);
  const before = {
    synonyms: (await fixture.wire.send('GET', `/collections/${first?.collection}/synonyms`)).text,
    overrides: (await fixture.wire.send('GET', `/collections/${first?.collection}/overrides`)).text,
  };
  const [second] = await switchAliases(fixture.deps, built, never());
  expect(second?.collection).not.toBe(first?.collection);
  for (const kind of ['synonyms', 'overrides'] as const) {
    const path = `/collections/${second?.collection}/${kind}`;
    const copied = await fixture.wire.json<Record<string, { id: string }[]>>(path);
    const wanted = JSON.parse(before[kind]) as typeof copied;
    const sorted = (list: typeof copied): { id: string }[] =>
      [...(list[kind] ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(sorted(copied)).toEqual(sorted(wanted));
    expect(sorted(copied).map(({ id }) => id)).toEqual(kind === 'synonyms' ? ['a b/c', 'plain'] : ['late']);
  }

  // An undo takes back rows, and no settings that people made meanwhile.
  await put('synonyms/after', { synonyms: ['shelf', 'rack'] });
  await fixture.wire.send('DELETE', `/collections/${alias}/synonyms/plain`);
  await restoreAliases(fixture.deps, [{ alias, collection: first?.collection ?? '' }], never());
  expect(await fixture.wire.aliasTarget(alias)).toBe(first?.collection);
  const { synonyms } = await fixture.wire.json<{ synonyms: { id: string }[] }>(
    `/collections/${first?.collection}/synonyms`,
  );
  expect(synonyms.map(({ id }) => id).toSorted()).toEqual(['a b/c', 'after']);
});

test('documents that are missing, foreign or different are found and named', async () => {
  const fixture = await searchFixture(sharedTypesense(), 50);
  const alias = freshAlias('items');
  const config = itemCollection(alias);
  const [built] = await build(fixture, [config]);
  const collection = built?.collection ?? '';
  const query = documentQuery(config, 'public');
  const read = await fixture.database.query<{ id: string; hash: string; document: string }>(
    `SELECT id, hash, document FROM (${query}) AS r`,
  );
  const sent = { contents: new DocumentDigest(), hashes: new DocumentDigest(), bytes: 0 };
  for (const { id, hash, document } of read) {
    sent.contents.add(id, documentProof(parseDocument(document)));
    sent.hashes.add(id, hash);
  }
  const facts = { nodes: [{ url: '', version: '0.24.1', leader: true }], settings: 'in-collection' } as const;
  const timing = { ...timingOf(fixture.deps), followerMs: 0 };
  const report = recordingReporter();
  const verify = (bytes = 0): Promise<void> =>
    fixture.deps.database.withSession(async (session) => {
      using nodes = new SearchNodes(fixture.cluster, timing);
      const input = { config, collection, schema: 'public', sent: { ...sent, bytes }, facts };
      await verifyCollection(nodes, session, input, timing, { ...never(), report });
    });
  await verify();
  // Too many for this server to hold: by their hashes, and it is said.
  expect(report.logs).toEqual([]);
  await verify(1e12);
  expect(report.logs).toEqual([
    { level: 'warn', message: expect.stringContaining('Only the hash') as string },
  ]);

  const documents = `/collections/${collection}/documents`;
  const [same] = [...(await fixture.wire.documents(collection)).values()];
  await fixture.wire.send('DELETE', `${documents}/4`);
  // The number of documents is right again, so only the comparison can tell.
  await fixture.wire.send('POST', `${documents}?action=upsert`, { ...same, id: 'stranger' });
  const swapped = await failure(verify());
  expect(swapped.code).toBe('MISMATCH_SEARCH');
  expect(swapped.details['documents']).toEqual(
    expect.arrayContaining([expect.stringMatching(/^4 \(missing/), expect.stringMatching(/^stranger /)]),
  );
  await fixture.wire.send('PATCH', `${documents}/9`, { _h: 'x' });
  expect((await failure(verify())).message).toContain('9 (');
  expect((await failure(verify(1e12))).message).toContain('9 (');

  // Each document as it was, and then one changed that keeps its hash.
  await fixture.wire.send('DELETE', `${documents}/stranger`);
  for (const { document } of read) await fixture.wire.send('POST', `${documents}?action=upsert`, document);
  await verify();
  await fixture.wire.send('PATCH', `${documents}/7`, { name: 'name 8' });
  const changed = await failure(verify());
  expect([changed.code, changed.details['documents']]).toEqual([
    'MISMATCH_SEARCH',
    expect.arrayContaining([expect.stringMatching(/^7 /)]) as unknown,
  ]);
  await verify(1e12);
});

// On a server of its own: other files make collections at the same time.
test('the environment test tells version, leader, and what the key may not do, and changes nothing', async () => {
  const fixture = await searchFixture(await startTypesense());
  const alias = freshAlias('items');
  const before = await fixture.wire.collections('');
  const whole = await testCluster(fixture.cluster, { ...never(), aliases: [alias], timing: quickTiming });
  expect(whole).toEqual({
    nodes: [{ url: fixture.cluster.nodes[0], version: '0.24.1', leader: true }],
    missingActions: [],
    missingNiceties: [],
  });
  const key = freshAlias('key');
  const actions = [
    'collections:*',
    'documents:*',
    'aliases:create',
    'aliases:list',
    'aliases:get',
    'debug:list',
  ];
  await fixture.wire.send('POST', '/keys', { description: key, actions, collections: ['.*'], value: key });
  const limited = { ...fixture.cluster, apiKey: new Secret(key) };
  const found = await testCluster(limited, { ...never(), aliases: [alias], timing: quickTiming });
  expect(found.missingActions).toContain('aliases:upsert');
  expect(found.missingActions).toContain('synonyms:list');
  expect(found.missingActions).toContain('stats.json:list');
  expect(found.missingActions).not.toContain('documents:import');
  expect(found.missingNiceties).toEqual(['metrics.json:list', 'clear:create']);
  const wrong = { ...fixture.cluster, apiKey: new Secret('nobody') };
  const refused = testCluster(wrong, { ...never(), aliases: [alias], timing: quickTiming });
  expect(await failure(refused)).toMatchObject({ code: 'AUTH_SEARCH' });
  expect(await fixture.wire.collections('')).toEqual(before);
});

test('a key with exactly the documented actions, limited to our collections, is enough for everything', async () => {
  const fixture = await searchFixture(sharedTypesense());
  const alias = freshAlias('items');
  const key = freshAlias('key');
  const actions = [
    ...['create', 'get', 'list', 'delete'].map((action) => `collections:${action}`),
    ...['import', 'export'].map((action) => `documents:${action}`),
    ...['get', 'list', 'upsert', 'delete'].map((action) => `aliases:${action}`),
    'synonyms:*',
    'overrides:*',
    'debug:list',
    'stats.json:list',
  ];
  const collections = [`${alias}(__.*)?`];
  await fixture.wire.send('POST', '/keys', { description: key, actions, collections, value: key });
  const cluster = { ...fixture.cluster, apiKey: new Secret(key) };
  const deps = { ...fixture.deps, cluster };
  const tested = await testCluster(cluster, { ...never(), aliases: [alias], timing: quickTiming });
  expect(tested.missingActions).toEqual([]);
  for (const runId of ['run1', 'run2'])
    await switchAliases(deps, await build({ deps }, [itemCollection(alias)], { runId }), never());
  const retired = await retireCollections(
    deps,
    { aliases: [alias], previous: new Map(), runIds: ['run1'], lockMark: null },
    never(),
  );
  expect(retired.left).toEqual([]);
  expect(await fixture.wire.aliasTarget(alias)).toMatch(/_run2$/);
});
