import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTypesense } from '../../src/demo/typesense-server.ts';
import type { RunningTypesense } from '../../src/demo/typesense-server.ts';
import { freePort } from '../../src/lib/free-port.ts';
import { Secret } from '../../src/lib/secret.ts';
import { switchAliases } from '../../src/search/switch-aliases.ts';
import { testCluster } from '../../src/search/test-cluster.ts';
import { atFileEnd } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { testTypesenseBinary } from '../support/typesense-server.ts';
import { failure } from '../harness/failure.ts';
import { build, freshAlias, itemCollection, never, quickTiming, searchFixture, Wire } from './fixture.ts';

/** Three nodes of one cluster on this machine. */
async function startCluster(): Promise<readonly RunningTypesense[]> {
  const path = await testTypesenseBinary();
  const apiKey = new Secret('test-typesense-key');
  const ports = [];
  for (let node = 0; node < 3; node += 1) ports.push({ port: await freePort(), peering: await freePort() });
  const directory = await scratchDirectory('typesense-cluster');
  atFileEnd(() => rm(directory, { recursive: true, force: true }));
  const nodesFile = join(directory, 'nodes');
  await writeFile(nodesFile, ports.map(({ port, peering }) => `127.0.0.1:${peering}:${port}`).join(','));
  // Side by side: a node alone has no majority and never gets healthy.
  const nodes = await Promise.all(
    ports.map(({ port, peering }, index) =>
      startTypesense({
        path,
        directory: join(directory, `${index}`),
        apiKey,
        port,
        flags: { nodes: nodesFile, 'peering-port': `${peering}` },
      }),
    ),
  );
  for (const node of nodes) atFileEnd(() => node.stop());
  return nodes;
}

test('a cluster: written through a follower, proved and switched on every node; a node that is away stops it', async () => {
  const nodes = await startCluster();
  const wires = nodes.map(({ url }) => new Wire({ url, apiKey: 'test-typesense-key' }));
  const fixture = await searchFixture({ url: nodes[0]!.url, apiKey: 'test-typesense-key' }, 8000);
  const all = { nodes: nodes.map(({ url }) => url), apiKey: new Secret('test-typesense-key') };
  const timing = { ...quickTiming, followerMs: 20_000 };
  const facts = await testCluster(all, { ...never(), timing });
  expect(facts.nodes.filter(({ leader }) => leader)).toHaveLength(1);
  const followersFirst = [...facts.nodes].sort((a, b) => Number(a.leader) - Number(b.leader));
  const cluster = { ...all, nodes: followersFirst.map(({ url }) => url) };
  const deps = { ...fixture.deps, cluster, timing };
  const alias = freshAlias('items');
  const [receipt] = await switchAliases(deps, await build({ deps }, [itemCollection(alias)]), never());
  expect(receipt?.documents).toBe(8000);
  for (const wire of wires) {
    expect(await wire.aliasTarget(alias)).toBe(receipt?.collection);
    expect((await wire.documents(alias)).size).toBe(8000);
  }

  const follower = nodes.find(({ url }) => url === followersFirst[0]?.url);
  await follower?.kill();
  const error = await failure(
    build({ deps: { ...deps, timing: quickTiming } }, [itemCollection(alias)], { runId: 'run2' }),
  );
  expect(error.code).toBe('SEARCH_UNAVAILABLE');
  expect(error.message).toContain(follower?.url);
});
