import type { SearchCluster } from '../environments/environment.ts';
import { asSyncError } from '../errors/sync-error.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchTiming } from './search-deps.ts';
import { call, SearchNodes } from './search-node.ts';

/** Why two searches seem to be one: they share an address, or both show a collection; or why nobody could say. */
export type Alike =
  | { readonly seenBy: 'address' | 'collections' }
  | { readonly seenBy: 'nothing'; readonly reason: string };

export interface AlikeOptions {
  readonly signal: AbortSignal;
  readonly timing?: Partial<SearchTiming> | undefined;
}

/**
 * Which other searches are this one, as far as it shows without writing: they share an address, or both have a
 * collection of one name that was made in the same second, which a copy of the data has as well (seen-elsewhere.ts
 * tries it). Errors: those of this search, and the signal's reason.
 */
export async function seenAlike(
  cluster: SearchCluster,
  others: ReadonlyMap<string, SearchCluster>,
  options: AlikeOptions,
): Promise<ReadonlyMap<string, Alike>> {
  if (others.size === 0) return new Map();
  const addresses = new Set(cluster.nodes.map(addressOf));
  const own = new Set(await collectionsMade(cluster, options));
  const look = async (other: SearchCluster): Promise<Alike | null> => {
    if (other.nodes.some((node) => addresses.has(addressOf(node)))) return { seenBy: 'address' };
    if (own.size === 0) return null;
    try {
      const made = await collectionsMade(other, options);
      return made.some((one) => own.has(one)) ? { seenBy: 'collections' } : null;
    } catch (error) {
      return { seenBy: 'nothing', reason: asSyncError(error).message };
    }
  };
  const looked = await Promise.all(
    [...others].map(async ([name, other]) => [name, await look(other)] as const),
  );
  options.signal.throwIfAborted();
  return new Map(looked.flatMap(([name, alike]) => (alike === null ? [] : [[name, alike] as const])));
}

/** Host and port. */
function addressOf(node: string): string {
  const { hostname, port, protocol } = new URL(node);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

/** Of each real collection its name, and when it was made. */
async function collectionsMade(cluster: SearchCluster, options: AlikeOptions): Promise<readonly string[]> {
  const timing = timingOf(options);
  using nodes = new SearchNodes(cluster, timing, options.signal);
  const found = await withRetries(timing.adminAttempts, timing, options.signal, () =>
    call(nodes.first, 'Listing collections', () => nodes.first.client.collections().retrieve()),
  );
  return found.map(({ name, created_at: madeAt }) => JSON.stringify([name, madeAt]));
}
