import { refuseLittleRoom, roomOf } from './room.ts';
import type { Room } from './room.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

/**
 * What is free on each node whose key may ask. Errors: SEARCH_OUT_OF_RESOURCES where documents of so many bytes would
 * fill a disk, SEARCH_UNAVAILABLE, AUTH_SEARCH; the signal's reason.
 */
export async function lookForRoom(
  deps: Pick<SearchDeps, 'cluster' | 'timing'>,
  bytes: number,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly (Room & { readonly url: string })[]> {
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing, signal);
  const found = await Promise.all(
    nodes.all.map(async (node) => {
      const room = await withRetries(timing.adminAttempts, timing, signal, () => roomOf(node));
      refuseLittleRoom(node.url, room, bytes);
      return room === null ? [] : [{ ...room, url: node.url }];
    }),
  );
  return found.flat();
}
