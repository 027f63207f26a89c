import { SyncError } from '../errors/sync-error.ts';
import { pause, withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { call } from './search-node.ts';
import type { SearchNode, SearchNodes } from './search-node.ts';

const askEveryMs = 100;
/** Between two writes of its log a server may show an empty queue for a moment. */
const emptyTimes = 2;

/**
 * Waits until every node has carried out its log. After a crash Typesense says that it is healthy while it replays the log:
 * aliases, collections and documents come back in different order, so an alias may show where it pointed an hour ago, or not
 * be there yet. Whoever reads them then carries nothing over and drops what is live. Call it before anything is believed.
 * Errors: SEARCH_UNAVAILABLE when the queue is not empty after `replayMs`, AUTH_SEARCH when the key may not ask; the signal's reason.
 */
export async function awaitReplayed(
  nodes: SearchNodes,
  timing: SearchTiming,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const node of nodes.all) await awaitNode(node, timing, signal);
}

async function awaitNode(
  node: SearchNode,
  timing: SearchTiming,
  signal: AbortSignal | undefined,
): Promise<void> {
  const triesMax = Math.max(emptyTimes, Math.ceil(timing.replayMs / askEveryMs));
  let empty = 0;
  for (let asked = 1; ; asked += 1) {
    const { pending_write_batches: pending = 0 } = await withRetries(
      timing.adminAttempts,
      timing,
      signal,
      () => call(node, 'Reading the write queue (stats.json:list)', () => node.client.stats.retrieve()),
    );
    empty = pending === 0 ? empty + 1 : 0;
    if (empty >= emptyTimes) return;
    if (asked >= triesMax) {
      throw new SyncError(
        'SEARCH_UNAVAILABLE',
        `Typesense at ${node.url} is still carrying out its log: ${pending} batches of writes are waiting. Nothing was changed there.`,
        { details: { node: node.url, pendingWriteBatches: pending } },
      );
    }
    await pause(askEveryMs, signal);
  }
}
