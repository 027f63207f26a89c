import { SyncError } from '../errors/sync-error.ts';
import type { Reporter } from '../progress/progress.ts';
import { bodyBytesMax } from './import-bodies.ts';
import { pause } from './retry.ts';
import { refuseLittleRoom, roomOf } from './room.ts';
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
/** The server counts its disk anew so often. */
const askRoomEveryMs = 5_000;
/** Then the import goes on; the server's 503 and our retries are the second line of defence. */
const waitsMax = 120;

/**
 * Returns a function to call before each import body: it waits while the server's write queue is long, whoever fills
 * it. Asks at most once a second. A key without `stats.json:list` only loses this courtesy, and the log says so. Looks
 * at the server's disk as well: SEARCH_OUT_OF_RESOURCES before it is full.
 */
export function writeThrottle(
  node: SearchNode,
  now: () => number,
  report: Reporter,
): (signal: AbortSignal) => Promise<void> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let roomAskedAt = Number.NEGATIVE_INFINITY;
  let allowed = true;
  const look = async (): Promise<void> => {
    if (now() - roomAskedAt < askRoomEveryMs) return;
    roomAskedAt = now();
    const room = await roomOf(node).catch(whileUnavailable);
    refuseLittleRoom(node.url, room, bodyBytesMax);
  };
  return async (signal) => {
    await look();
    if (!allowed || now() - askedAt < askEveryMs) return;
    askedAt = now();
    for (let waits = 0; waits < waitsMax; waits += 1) {
      const stats = await call(node, 'Reading the write queue', () => node.client.stats.retrieve()).catch(
        (error: unknown) => {
          if (httpStatusOf(error) !== 401) return whileUnavailable(error);
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

/** It was asked for courtesy: whether the server is there tells the import itself, which tries again. */
function whileUnavailable(error: unknown): null {
  if (error instanceof SyncError && error.code === 'SEARCH_UNAVAILABLE') return null;
  throw error;
}
