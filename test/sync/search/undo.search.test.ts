import { expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import type { JobEvent } from '../../../src/progress/progress.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { examine } from '../../../src/sync/verbs/doctor.ts';
import { undoOutlook } from '../../../src/sync/undo/undo-outlook.ts';
import { sharedTypesense } from '../../support/typesense.ts';
import { testDatabase } from '../../support/postgres.ts';
import { createBench, failsAndChangesNothing, modes, rowsOf } from '../../harness/environment-pair.ts';

/** An undo is a run like others: it can be undone, with the search. */
test.each(modes)('undo, and undo of the undo, move the aliases and say so: %s', async (mode) => {
  const { url, apiKey } = sharedTypesense();
  const cluster = { nodes: [url], apiKey: new Secret(apiKey) };
  const alias = `undo_${mode.replace('-', '_')}`;
  const source = await testDatabase('source');
  const target = await testDatabase('target');
  const part = 'CREATE TABLE "Part" (id int PRIMARY KEY, name text); CREATE TABLE "Profile" (id int)';
  await source.query(`${part}; INSERT INTO "Part" SELECT g, 'new' FROM generate_series(1, 5) AS g`);
  await target.query(
    `${part}; INSERT INTO "Part" VALUES (1, 'old'), (2, 'old'); INSERT INTO "Profile" VALUES (1)`,
  );
  const bench = await createBench({
    source,
    target,
    policies: { Profile: 'preserve' },
    change: (config) => ({
      ...config,
      collections: [
        {
          name: alias,
          query: `SELECT json_build_object('id', id::text, 'name', name) AS document FROM {schema}."Part"`,
          fields: [{ name: 'name', type: 'string' }],
        },
      ],
      environments: new Map(
        [...config.environments].map(([name, environment]) => [
          name,
          name === 'dst' ? { ...environment, search: cluster } : environment,
        ]),
      ),
    }),
  });
  const send = async (path: string, method = 'GET'): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}${path}`, { method, headers: { 'X-TYPESENSE-API-KEY': apiKey } });
    return (await response.json()) as Record<string, unknown>;
  };
  const pointsTo = async (): Promise<unknown> => (await send(`/aliases/${alias}`))['collection_name'];

  const { collections: built } = await bench.run({ kind: 'typesense', input: { environment: 'dst' } });
  const before = built[0]?.collection;
  expect(before).toEqual(expect.any(String));
  const { jobId: dumped } = await bench.export();
  const told =
    'The search of "dst" was not rebuilt and still shows the old data. To rebuild it: multiboard-sync typesense dst';
  const dump = { id: `src-export-${dumped}` };
  const file = await bench.import(dump, mode, { search: false });
  expect([file.collections, await pointsTo()]).toEqual([[], before]);
  expect([file.warnings, (await bench.sync(mode, { search: false })).warnings]).toEqual([
    expect.arrayContaining([told]),
    expect.arrayContaining([told]),
  ]);
  // Not told otherwise, an import rebuilds it as a sync does, and its undo moves the alias back.
  if (mode === 'in-place') {
    const imported = await bench.import(dump, mode);
    expect(imported.warnings).not.toContain(told);
    expect(imported.collections).toMatchObject([{ alias, previous: before, documents: 5, verified: true }]);
    expect(await pointsTo()).toBe(imported.collections[0]?.collection);
    await bench.rollback(imported.jobId);
    expect(await pointsTo()).toBe(before);
  }
  await target.query(`TRUNCATE "Part"; INSERT INTO "Part" VALUES (1, 'old'), (2, 'old')`);
  const synced = await bench.sync(mode, { search: true });
  expect(synced.warnings).not.toContain(told);
  const after = synced.collections[0]?.collection;
  expect([after, await pointsTo()]).toEqual([expect.not.stringMatching(before ?? ''), after]);

  const undo = await bench.rollback(synced.jobId);
  expect(undo.collections).toEqual([
    {
      alias,
      collection: before,
      previous: after,
      documents: 2,
      verified: true,
      seconds: expect.any(Number),
    },
  ]);
  expect(undo.tables.filter(({ content }) => content === 'kept')).toEqual([
    { table: 'public.Profile', rows: 1, content: 'kept', digest: expect.any(String), equal: true },
  ]);
  expect(await pointsTo()).toBe(before);

  const again = await bench.rollback(undo.jobId);
  expect(again.collections).toMatchObject([{ alias, collection: after, previous: before, documents: 5 }]);
  expect([await pointsTo(), await rowsOf(bench.target, '"Part"')]).toEqual([
    after,
    expect.objectContaining({ length: 5 }),
  ]);
  expect(await rowsOf(bench.target, '"Profile"')).toEqual(['(1)']);

  // A collection that is gone is told before an undo is asked for, and noticed before anything moves.
  const outlook = () => undoOutlook({ config: bench.config, now: Date.now }, again.jobId);
  expect(await outlook()).toMatchObject({ gone: [], notes: [] });
  await send(`/collections/${before ?? ''}`, 'DELETE');
  expect((await outlook())?.gone).toEqual([expect.stringContaining(`"${before ?? ''}" is not on`)]);
  if (mode === 'replace') {
    const error = await failsAndChangesNothing(bench.target, () => bench.rollback(again.jobId));
    expect(error.code).toBe('SEARCH_ALIAS_REFUSED');
  }
  expect(await pointsTo()).toBe(after);
  await send(`/aliases/${alias}`, 'DELETE');
  await send(`/collections/${after ?? ''}`, 'DELETE');
});

test('undo of the first build removes the alias, and its undo puts it back', async () => {
  const { url, apiKey } = sharedTypesense();
  const alias = 'undo_first';
  const bench = await createBench({
    change: (config) => ({
      ...config,
      collections: [
        {
          name: alias,
          query: `SELECT json_build_object('id', '1', 'name', 'x') AS document`,
          fields: [{ name: 'name', type: 'string' }],
        },
      ],
      environments: new Map(
        [...config.environments].map(([name, environment]) => [
          name,
          name === 'dst'
            ? { ...environment, search: { nodes: [url], apiKey: new Secret(apiKey) } }
            : environment,
        ]),
      ),
    }),
  });
  const built = await bench.run({ kind: 'typesense', input: { environment: 'dst' } });
  const collection = built.collections[0]?.collection;
  const undo = await bench.rollback(built.jobId);
  expect(undo.collections).toMatchObject([{ alias, collection: null, previous: collection, documents: 0 }]);
  const again = await bench.rollback(undo.jobId);
  expect(again.collections).toMatchObject([{ alias, collection, previous: null, documents: 1 }]);
});

test.each([
  ['before it reads a row', {}],
  ['before it commits', { kept: 'preserve' }],
] as const)('in place, a document that its query fails at ends a run %s', async (_when, policies) => {
  const { url, apiKey } = sharedTypesense();
  const bench = await createBench({
    policies,
    change: (config) => ({
      ...config,
      collections: [
        {
          name: 'bad_document',
          query: `SELECT jsonb_build_object('id', id::text, 'name', doc ->> 'name') AS document FROM {schema}.raw`,
          fields: [{ name: 'name', type: 'string' }],
        },
      ],
      environments: new Map(
        [...config.environments].map(([name, environment]) => [
          name,
          name === 'dst'
            ? { ...environment, search: { nodes: [url], apiKey: new Secret(apiKey) } }
            : environment,
        ]),
      ),
    }),
  });
  await bench.source.query(
    `CREATE TABLE raw (id int PRIMARY KEY, doc json); CREATE TABLE kept (id int);
     INSERT INTO raw VALUES (1, '{"name":"ok"}'), (2, '{"name":"a\\u0000b"}')`,
  );
  await bench.target.query('CREATE TABLE raw (id int PRIMARY KEY, doc json); CREATE TABLE kept (id int)');
  const begun = new Set<string>();
  const onEvent = (event: JobEvent): void => {
    if (event.type === 'progress')
      for (const { id, state } of event.progress.steps) if (state !== 'waiting') begun.add(id);
  };
  const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place', {}, { onEvent }));
  expect([error.code, error.message]).toEqual([
    'SEARCH_QUERY_FAILED',
    expect.stringContaining('The query of collection "bad_document" fails'),
  ]);
  expect(begun.has('export')).toBe('kept' in policies);
  expect([...begun]).not.toContain('search-build');
});

test('one Typesense for two databases is refused whatever it is called, and by every verb, before anything is written', async () => {
  const { url, apiKey } = sharedTypesense();
  const otherName = url.replace('127.0.0.1', 'localhost');
  expect(otherName).not.toBe(url);
  const search = (node: string): { nodes: string[]; apiKey: Secret } => ({
    nodes: [node],
    apiKey: new Secret(apiKey),
  });
  const bench = await createBench({
    change: (config) => ({
      ...config,
      collections: [
        {
          name: 'shared_search',
          query: `SELECT json_build_object('id', '1', 'name', 'x') AS document`,
          fields: [{ name: 'name', type: 'string' }],
        },
      ],
      environments: new Map(
        [...config.environments].flatMap(([name, environment]) => {
          const one = { ...environment, search: search(name === 'dst' ? url : otherName) };
          // The target under a second name: its search is its own.
          return name === 'dst'
            ? [
                [name, one],
                ['again', { ...one, name: 'again', search: search(otherName) }],
              ]
            : [[name, one]];
        }),
      ),
    }),
  });
  await bench.source.query('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');
  // Other files of tests work on this Typesense at the same time.
  const collections = async (): Promise<readonly { readonly name: string }[]> => {
    const answer = await fetch(`${url}/collections`, { headers: { 'X-TYPESENSE-API-KEY': apiKey } });
    const all = (await answer.json()) as readonly { readonly name: string }[];
    return all.filter(({ name }) => name.startsWith('shared_'));
  };
  const headers = { 'X-TYPESENSE-API-KEY': apiKey };
  const seen = { name: 'shared_seen', fields: [{ name: 'name', type: 'string' }] };
  await fetch(`${url}/collections`, { method: 'POST', headers, body: JSON.stringify(seen) });
  const before = await collections();
  const found = async (name: string): Promise<unknown> =>
    (await examine({ config: bench.config, now: Date.now }, [name], { signal: AbortSignal.timeout(60_000) }))
      .filter(({ subject, level }) => subject === `${name}: search` && level !== 'ok')
      .map(({ level, finding }) => [level, finding]);
  // By the name of a collection that both show, or by the address; the target's own second name is no fault.
  expect([await found('dst'), await found('again'), await found('src')]).toEqual([
    [['note', expect.stringContaining('of the Typesense of "src", which is another database')]],
    [['fault', expect.stringContaining('It is the Typesense of "src" too')]],
    [
      ['note', expect.stringContaining('of the Typesense of "dst"')],
      ['fault', expect.stringContaining('It is the Typesense of "again" too')],
    ],
  ]);
  const plan = await planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst' },
    { signal: AbortSignal.timeout(60_000) },
  );
  expect(plan.blockers.map(({ code, message }) => [code, message])).toEqual([
    [
      'CONFLICT_SAME_SEARCH',
      expect.stringContaining('"dst" and "src" are two databases that share one Typesense'),
    ],
  ]);
  for (const work of [
    () => bench.sync('replace', { search: true }),
    () => bench.run({ kind: 'typesense', input: { environment: 'dst' } }),
    () => bench.run({ kind: 'typesense', input: { environment: 'src' } }),
  ])
    await expect(work()).rejects.toMatchObject({ code: 'CONFLICT_SAME_SEARCH' });
  expect(await collections()).toEqual(before);
  await fetch(`${url}/collections/shared_seen`, { method: 'DELETE', headers });
});
