import { SyncError } from '../errors/sync-error.ts';
import type { Reporter } from '../progress/progress.ts';
import { pause } from './retry.ts';
import { httpStatusOf } from './search-error.ts';
import { call } from './search-node.ts';
import type { SearchNode } from './search-node.ts';

/**
 * The server refuses writes above 500 queued ones (docs/facts/typesense.md#the-write-queue); our two bodies are about
 * 44.
 */
const queuedMax = 300;
const askEveryMs = 1_000;
const waitMs = 500;
/** Then the import goes on; the server's 503 and our retries are the second line of defence. */
const waitsMax = 120;

/**
 * Returns a function to call before each import body: it waits while the server's write queue is long, whoever fills
 * it. Asks at most once a second. A key without `stats.json:list` only loses this courtesy, and the log says so.
 */
export function writeThrottle(
  node: SearchNode,
  now: () => number,
  report: Reporter,
): (signal: AbortSignal) => Promise<void> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let allowed = true;
  return async (signal) => {
    if (!allowed || now() - askedAt < askEveryMs) return;
    askedAt = now();
    for (let waits = 0; waits < waitsMax; waits += 1) {
      const stats = await call(node, 'Reading the write queue', () => node.client.stats.retrieve()).catch(
        (error: unknown) => {
          // It was asked for courtesy: whether the server is there tells the import itself, which tries again.
          if (error instanceof SyncError && error.code === 'SEARCH_UNAVAILABLE') return null;
          if (httpStatusOf(error) !== 401) throw error;
          allowed = false;
          report.log('warn', 'The search key may not read stats.json; imports are not slowed down.');
          return null;
        },
      );
      if (stats === null || (stats.pending_write_batches ?? 0) <= queuedMax) return;
      await pause(waitMs, signal);
    }
  };
}
