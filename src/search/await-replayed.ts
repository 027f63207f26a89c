import { SyncError } from '../errors/sync-error.ts';
import type { Reporter } from '../progress/progress.ts';
import { pause, withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { call } from './search-node.ts';
import type { SearchNode, SearchNodes } from './search-node.ts';

const askEveryMs = 100;
/** Between two writes of its log a server may show an empty queue for a moment. */
const emptyTimes = 2;
/** How often people hear that it is still waited for. */
const tellEveryMs = 10_000;

/**
 * Waits until every node has replayed its log. After a crash Typesense says that it is healthy while it replays the
 * log: aliases, collections and documents come back in different order, so an alias may point where it pointed an
 * hour ago, or be missing. A run that trusts it then would carry nothing over and drop the live collection. Call it
 * before you rely on any answer. The time is that of all nodes together. Errors: SEARCH_UNAVAILABLE when the queue
 * is not empty after `replayMs`, AUTH_SEARCH when the key may not ask; the signal's reason.
 */
export async function awaitReplayed(
  nodes: SearchNodes,
  timing: SearchTiming,
  signal: AbortSignal | undefined,
  report?: Pick<Reporter, 'log'>,
): Promise<void> {
  const endsAt = performance.now() + timing.replayMs;
  for (const node of nodes.all) await awaitNode(node, timing, endsAt, signal, report);
}

async function awaitNode(
  node: SearchNode,
  timing: SearchTiming,
  endsAt: number,
  signal: AbortSignal | undefined,
  report: Pick<Reporter, 'log'> | undefined,
): Promise<void> {
  let empty = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const { pending_write_batches: pending = 0 } = await withRetries(
      timing.adminAttempts,
      timing,
      signal,
      () => call(node, 'Reading the write queue (stats.json:list)', () => node.client.stats.retrieve()),
    );
    empty = pending === 0 ? empty + 1 : 0;
    if (empty >= emptyTimes) return;
    const now = performance.now();
    // One that has just been found empty is asked the second time, however late it is.
    if (now >= endsAt && pending > 0) {
      throw new SyncError(
        'SEARCH_UNAVAILABLE',
        `Typesense at ${node.url} is still replaying its log: ${pending} batches of writes are waiting. ` +
          'Nothing was changed there.',
        { details: { node: node.url, pendingWriteBatches: pending } },
      );
    }
    if (pending > 0 && now - toldAt >= tellEveryMs) {
      toldAt = now;
      report?.log('info', 'Typesense is replaying its log; waiting for its end.', {
        node: node.url,
        pendingWriteBatches: pending,
      });
    }
    await pause(askEveryMs, signal);
  }
}
