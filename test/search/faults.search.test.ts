import { expect, test } from 'vitest';
import { discardCollections } from '../../src/search/discard-collections.ts';
import { removeCollectionsOfRun, retireCollections } from '../../src/search/leftovers.ts';
import { switchAliases } from '../../src/search/switch-aliases.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
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
import type { RecordingReporter, SearchFixture } from './fixture.ts';

const rows = 20_000;

/** The search step behind a proxy; `fixture.wire` goes to the server directly. */
async function proxied(): Promise<{ fixture: SearchFixture; proxy: FaultProxy; alias: string }> {
  const server = sharedTypesense();
  const fixture = await searchFixture(server, rows);
  const proxy = await startFaultProxy(server.url);
  const cluster = { ...fixture.cluster, nodes: [proxy.through(server.url)] };
  return {
    fixture: { ...fixture, cluster, deps: { ...fixture.deps, cluster } },
    proxy,
    alias: freshAlias('items'),
  };
}

/** Runs `fault` once, when the first body of `rows` documents has been taken. */
function onFirstBody(fault: () => void): RecordingReporter {
  const report = recordingReporter();
  let done = false;
  report.onAdvance = () => {
    if (!done) fault();
    done = true;
  };
  return report;
}

// Answers about a body are longer than those to questions of courtesy, which come in between.
test.each<[string, (proxy: FaultProxy) => void]>([
  ['in the middle of an upload', (proxy) => proxy.cutAfter(100_000, 'up')],
  ['after the upload, before the answer', (proxy) => proxy.loseAnswerTo('/documents/import')],
  ['in the middle of an answer', (proxy) => proxy.cutAfter(10_000, 'down')],
])('a connection cut %s: sent again, nothing twice, nothing missing', async (_when, fault) => {
  const { fixture, proxy, alias } = await proxied();
  const report = onFirstBody(() => fault(proxy));
  const [built] = await build(fixture, [itemCollection(alias)], { report });
  expect(built?.documents).toBe(rows);
  // The proof that the fault struck: more went up than the documents are long.
  expect(proxy.bytes.up).toBeGreaterThan((built?.bytes ?? 0) + 100_000);
  const documents = await fixture.wire.documents(built?.collection ?? '');
  expect(documents.size).toBe(rows);
});

test('a server that answers no more is given up by the watchdog, not waited for', async () => {
  const { fixture, proxy, alias } = await proxied();
  const timing = {
    ...quickTiming,
    watchdogMs: 400,
    // Small requests come before the cut too, where a busy machine must not be taken for a silent one.
    quickWatchdogMs: 1_500,
    importAttempts: 2,
    adminAttempts: 1,
  };
  const report = onFirstBody(() => proxy.halfOpen());
  const error = await failure(
    build({ deps: { ...fixture.deps, timing } }, [itemCollection(alias)], { report }),
  );
  expect(error.code).toBe('SEARCH_UNAVAILABLE');
  expect(error.message).toContain('nothing moved on the connection');
  expect(report.logs).toMatchObject([{ level: 'warn' }]);
  proxy.heal();
});

test('nobody listening is SEARCH_UNAVAILABLE, naming the node', async () => {
  const { fixture, proxy, alias } = await proxied();
  await proxy.stop();
  const error = await failure(build(fixture, [itemCollection(alias)]));
  expect(error.code).toBe('SEARCH_UNAVAILABLE');
  expect(error.message).toContain('nothing listens there, or it refuses connections (ECONNREFUSED)');
});

test('a server killed in the middle: the alias stays, and the next run removes the leftover', async () => {
  const server = await startTypesense();
  const fixture = await searchFixture(server, rows);
  const alias = freshAlias('items');
  const [first] = await switchAliases(fixture.deps, await build(fixture, [itemCollection(alias)]), never());
  let killed = Promise.resolve();
  const report = onFirstBody(() => {
    killed = server.kill();
  });
  const error = await failure(build(fixture, [itemCollection(alias)], { report, runId: 'run2' }));
  expect(error.code).toBe('SEARCH_UNAVAILABLE');
  await killed;
  await server.restart();
  expect(await fixture.wire.aliasTarget(alias)).toBe(first?.collection);
  expect((await fixture.wire.documents(alias)).size).toBe(rows);
  const leftover = (await fixture.wire.collections(`${alias}__`)).filter(
    (name) => name !== first?.collection,
  );
  expect(leftover).toHaveLength(1);
  const removal = await removeCollectionsOfRun(fixture.deps, { aliases: [alias], runId: 'run2' }, never());
  expect(removal).toEqual({ removed: leftover, left: [] });
  expect(await fixture.wire.collections(`${alias}__`)).toEqual([first?.collection]);
});

test('a server that is restarted in the middle: the build goes on and is proved', async () => {
  const server = await startTypesense();
  const fixture = await searchFixture(server, rows);
  const alias = freshAlias('items');
  let restarted = Promise.resolve();
  const report = onFirstBody(() => {
    restarted = server.kill().then(() => server.restart());
  });
  const timing = { ...quickTiming, importAttempts: 200, adminAttempts: 100 };
  const deps = { ...fixture.deps, timing };
  const built = await build({ deps }, [itemCollection(alias)], { report });
  await restarted;
  const [receipt] = await switchAliases(deps, built, never());
  expect(receipt?.documents).toBe(rows);
  expect((await fixture.wire.documents(alias)).size).toBe(rows);
});

test('writes switched off: refused with the reason, and an alias that cannot move stays', async () => {
  const server = await startTypesense();
  const fixture = await searchFixture(server);
  const alias = freshAlias('items');
  const [first] = await switchAliases(fixture.deps, await build(fixture, [itemCollection(alias)]), never());
  const built = await build(fixture, [itemCollection(alias)], { runId: 'run2' });
  await fixture.wire.send('POST', '/config', { 'skip-writes': true });
  const refused = await failure(switchAliases(fixture.deps, built, never()));
  expect(refused).toMatchObject({ code: 'SEARCH_ALIAS_REFUSED', details: { notPutBack: [] } });
  expect(refused.message).toContain('Skipping writes');
  expect(await failure(build(fixture, [itemCollection(alias)]))).toMatchObject({
    code: 'SEARCH_OUT_OF_RESOURCES',
  });
  expect(await fixture.wire.aliasTarget(alias)).toBe(first?.collection);
  await fixture.wire.send('POST', '/config', { 'skip-writes': false });
  expect((await discardCollections(fixture.deps, built)).left).toEqual([]);
});

test('killed again and again, with a log to carry out at each start: no live collection and no synonym is lost', async () => {
  const server = await startTypesense();
  const fixture = await searchFixture(server, 4_000);
  const alias = freshAlias('items');
  const timing = { ...quickTiming, importAttempts: 200, adminAttempts: 100, replayMs: 60_000 };
  const deps = { ...fixture.deps, timing };
  const rebuild = async (runId: string) => {
    const [receipt] = await switchAliases(
      deps,
      await build({ deps }, [itemCollection(alias)], { runId }),
      never(),
    );
    await retireCollections(
      deps,
      {
        aliases: [alias],
        previous: new Map([[alias, receipt?.previous ?? null]]),
        runIds: ['run0', 'run1'],
        lockMark: null,
      },
      never(),
    );
    return receipt?.collection ?? '';
  };
  const first = await rebuild('run0');
  const synonym = { synonyms: ['big', 'large'] };
  expect((await fixture.wire.send('PUT', `/collections/${first}/synonyms/size`, synonym)).status).toBe(200);
  for (let crash = 1; crash <= 2; crash += 1) {
    await server.kill();
    await server.restart();
    const live = await rebuild(`run${crash}`);
    expect(await fixture.wire.aliasTarget(alias)).toBe(live);
    expect((await fixture.wire.documents(alias)).size).toBe(4_000);
    const { synonyms } = await fixture.wire.json<{ synonyms: { id: string }[] }>(
      `/collections/${live}/synonyms`,
    );
    expect(synonyms.map(({ id }) => id)).toEqual(['size']);
  }
});
