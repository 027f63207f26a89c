import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { awaitReplayed } from './await-replayed.ts';
import { defaultTiming } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

/** Answers each question about its queue after a while: so many batches, the last of them for ever. */
async function queueOf(pending: readonly number[], answerMs: number) {
  let asked = 0;
  const server = createServer((_request, response) => {
    const batches = pending[Math.min(asked, pending.length - 1)];
    asked += 1;
    response.setHeader('content-type', 'application/json');
    setTimeout(() => response.end(JSON.stringify({ pending_write_batches: batches })), answerMs);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const nodes = new SearchNodes(
    { nodes: [`http://127.0.0.1:${port}`], apiKey: new Secret('k') },
    defaultTiming,
  );
  onTestFinished(() => {
    nodes[Symbol.dispose]();
    server.close();
  });
  const logs: unknown[] = [];
  const report = { log: (...line: unknown[]) => void logs.push(line) };
  return { nodes, report, logs, asked: () => asked };
}

test('a log that takes longer than it may is given up by the clock, however slowly each question is answered', async () => {
  const { nodes, report, logs } = await queueOf([7], 200);
  const begun = performance.now();
  const waiting = awaitReplayed(nodes, { ...defaultTiming, replayMs: 700 }, undefined, report);
  await expect(waiting).rejects.toMatchObject({
    code: 'SEARCH_UNAVAILABLE',
    details: { pendingWriteBatches: 7 },
  });
  // Seven tries, of which each takes 300 ms, would be two seconds.
  expect(performance.now() - begun).toBeLessThan(1_800);
  expect(logs).toEqual([['info', expect.any(String), expect.objectContaining({ pendingWriteBatches: 7 })]]);
});

test('an empty queue is believed when it is seen twice running, be it late', async () => {
  const { nodes, report, logs, asked } = await queueOf([3, 0, 2, 0, 0], 0);
  await awaitReplayed(nodes, { ...defaultTiming, replayMs: 60_000 }, undefined, report);
  expect([asked(), logs.length]).toEqual([5, 1]);
  const late = await queueOf([0], 100);
  await awaitReplayed(late.nodes, { ...defaultTiming, replayMs: 50 }, undefined);
});
