import { setTimeout as delay } from 'node:timers/promises';
import type { SearchCluster } from '../environments/environment.ts';
import { asSyncError } from '../errors/sync-error.ts';
import type { SearchTiming } from './search-deps.ts';
import { callOrNull, SearchNodes } from './search-node.ts';

export interface SeenElsewhere {
  /** Names of those that are this very Typesense, whatever their addresses say. */
  readonly same: readonly string[];
  /** A part of a sentence for each that could not be asked. */
  readonly notAsked: readonly string[];
}

/** What one node has done shows on the others a moment later. */
const followerPauseMs = 250;

/**
 * Which other searches show a collection that was just made here, under a name that nobody else has: they are this one.
 * Typesense has no identifier, and one server has many addresses. Never throws but by the signal.
 */
export async function seenElsewhere(
  others: ReadonlyMap<string, SearchCluster>,
  collection: string,
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<SeenElsewhere> {
  const same: string[] = [];
  const notAsked: string[] = [];
  const ask = async (name: string, cluster: SearchCluster): Promise<void> => {
    using nodes = new SearchNodes(cluster, timing, signal);
    const shows = (): Promise<object | null> =>
      callOrNull(nodes.first, 'Looking for a collection', () =>
        nodes.first.client.collections(collection).retrieve(),
      );
    try {
      if ((await shows()) === null) {
        await delay(followerPauseMs, undefined, { signal });
        if ((await shows()) === null) return;
      }
      same.push(name);
    } catch (error) {
      signal.throwIfAborted();
      notAsked.push(`"${name}": ${asSyncError(error).message}`);
    }
  };
  await Promise.all([...others].map(([name, cluster]) => ask(name, cluster)));
  return { same: same.sort(), notAsked: notAsked.sort() };
}
