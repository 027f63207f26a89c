import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { Secret } from '../../src/lib/secret.ts';
import { Journal, unfinishedJournals } from '../../src/sync/journal/journal.ts';
import { finishSearch } from '../../src/sync/search/finish-search.ts';
import { SearchRun } from '../../src/sync/search/search-run.ts';
import { sharedTypesense } from '../support/typesense.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { failure } from '../harness/failure.ts';
import { freshAlias, itemCollection, recordingReporter, searchFixture } from './fixture.ts';

/**
 * Passes requests on, until one of a kind was answered `count` times: from then on every connection is cut, until
 * `heal`.
 */
async function cuttingProxy(
  target: string,
  kind: string,
  count: number,
  /** Instead of cutting, with the connections going on. */
  meanwhile?: () => Promise<unknown>,
) {
  let [answered, isCut] = [0, false];
  const server = createServer((request, response) => {
    if (isCut) return void request.socket.destroy();
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      void fetch(`${target}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers: { 'x-typesense-api-key': String(request.headers['x-typesense-api-key']) },
        ...(pieces.length === 0 ? {} : { body: Buffer.concat(pieces) }),
      }).then(async (answer) => {
        const counts = `${request.method ?? ''} ${request.url ?? ''}`.startsWith(kind);
        if (counts) answered += 1;
        if (counts && answered === count) await meanwhile?.();
        response.writeHead(answer.status, {
          'content-type': answer.headers.get('content-type') ?? 'text/plain',
        });
        response.end(Buffer.from(await answer.arrayBuffer()));
        if (answered === count && meanwhile === undefined) isCut = true;
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    heal: () => {
      answered = Number.NEGATIVE_INFINITY;
      isCut = false;
    },
  };
}

/** Two collections, a data directory, and runs through whatever stands at a URL. */
async function twoAliases() {
  const shared = sharedTypesense();
  const fixture = await searchFixture(shared);
  const collections = [itemCollection(freshAlias('items')), itemCollection(freshAlias('items'))];
  const directory = await scratchDirectory('half-switch');
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const config = loadConfig({
    env: { DATA_DIRECTORY: directory, DST_DATABASE_URL: 'postgresql://u:p@localhost/d' },
    cwd: directory,
  });
  const known = config.environments.get('dst');
  if (known === undefined) throw new Error('no environment');
  const { schema, database } = fixture.deps;
  const options = { report: recordingReporter(), signal: new AbortController().signal };
  const run = async (url: string, runId: string) => {
    const environment = { ...known, schema, search: { nodes: [url], apiKey: new Secret(shared.apiKey) } };
    const journal = await Journal.begin(config, 'job', runId.length);
    await journal.write({ entry: 'started', target: 'dst', kind: 'typesense' });
    const search = new SearchRun(
      journal,
      { config, environment, collections, runId, lockMark: null, rebuild: true, now: Date.now },
      options,
    );
    await search.build(database);
    return { environment, journal, search };
  };
  const first = await run(shared.url, 'run1');
  await first.search.move();
  // Other tests move aliases of theirs on the same server.
  const targets = () => Promise.all(collections.map(({ name }) => fixture.wire.aliasTarget(name)));
  const before = await targets();
  return { shared, fixture, collections, config, run, targets, before, first };
}

test('Typesense goes away between two aliases: the journal stays open, and the next run puts both back', async () => {
  const { shared, fixture, collections, config, run, targets, before, first } = await twoAliases();
  const proxy = await cuttingProxy(shared.url, 'PUT /aliases/', 1);
  const second = await run(proxy.url, 'run22');
  const error = await failure(second.search.move());
  expect([error.code, error.details['notPutBack']]).toEqual(['SEARCH_UNAVAILABLE', [collections[0]?.name]]);
  expect(second.journal.leftOpen).toBe(true);
  expect(await targets()).not.toEqual(before);
  await second.search.discard();

  proxy.heal();
  const left = await unfinishedJournals(config, (target) => target === 'dst', first.journal.name);
  const entries = left.find(({ name }) => name === second.journal.name)?.entries ?? [];
  const settled = await finishSearch(second.environment, 'job', entries, false);
  expect(settled.finished).toBe(true);
  expect(settled.sentences[0]).toMatch(/^Brought all search aliases of run job to one state: /);
  expect(await targets()).toEqual(before);
  for (const { name } of collections)
    expect(await fixture.wire.collections(`${name}__`)).toEqual([expect.stringMatching(/_run1$/)]);
});

test('half a switch whose old collection is gone: the other alias is put back, and it is said which stays', async () => {
  const { shared, fixture, collections, config, run, targets, before, first } = await twoAliases();
  const proxy = await cuttingProxy(shared.url, 'PUT /aliases/', 1);
  const second = await run(proxy.url, 'run22');
  expect(await failure(second.search.move())).toMatchObject({
    details: { notPutBack: [collections[0]?.name] },
  });
  await second.search.discard();
  proxy.heal();
  // Somebody moves the second alias by hand and removes what it pointed at.
  const [moved] = await targets();
  const other = collections[1]?.name ?? '';
  const fresh = (await fixture.wire.collections(`${other}__`)).find((name) => name !== before[1]);
  await fixture.wire.send('PUT', `/aliases/${other}`, { collection_name: fresh });
  await fixture.wire.send('DELETE', `/collections/${before[1]}`);
  const left = await unfinishedJournals(config, (target) => target === 'dst', first.journal.name);
  const entries = left.find(({ name }) => name === second.journal.name)?.entries ?? [];
  const settled = await finishSearch(second.environment, 'job', entries, false);
  expect(moved).not.toBe(before[0]);
  expect(await targets()).toEqual([before[0], fresh]);
  expect(settled.finished).toBe(true);
  expect(settled.sentences.slice(0, 2)).toEqual([
    `Brought search aliases of run job to one state: ${collections[0]?.name}.`,
    expect.stringMatching(
      `alias "${other}" of run job stays where it is: .* is gone.*multiboard-sync typesense dst`,
    ),
  ]);
});

test('an alias that somebody moves between our look and our move is theirs, and ours go back', async () => {
  const { shared, fixture, collections, run, targets, before } = await twoAliases();
  const [ours, theirs] = collections.map(({ name }) => name) as [string, string];
  const elsewhere = { collection_name: before[0] };
  const proxy = await cuttingProxy(shared.url, 'PUT /aliases/', 1, () =>
    fixture.wire.send('PUT', `/aliases/${theirs}`, elsewhere),
  );
  const { search } = await run(proxy.url, 'run22');
  const error = await failure(search.move());
  expect(error).toMatchObject({ code: 'SEARCH_ALIAS_REFUSED', details: { alias: theirs, notPutBack: [] } });
  expect(error.message).toMatch(
    /somebody else moved it, or Typesense lost its last writes; it was left there/,
  );
  expect(error.message).toContain('Every other alias points where it did before.');
  expect(error.hint).not.toContain('still points at the old collection');
  expect(await targets()).toEqual([before[0], before[0]]);
  await search.discard();
  expect(await fixture.wire.collections(`${ours}__`)).toEqual([before[0]]);
});
