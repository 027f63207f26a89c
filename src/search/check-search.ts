import { readAlias } from './aliases.ts';
import { awaitReplayed } from './await-replayed.ts';
import { checkCluster } from './check-cluster.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

/**
 * Asks before the long work what would end it: whether every node answers, takes the key and has carried out its log, and
 * whether each alias may be one. Changes nothing. Errors: SEARCH_UNAVAILABLE, AUTH_SEARCH, SEARCH_REFUSED (too old),
 * SEARCH_NAME_TAKEN; the signal's reason.
 */
export async function checkSearch(
  deps: Pick<SearchDeps, 'cluster' | 'timing'>,
  aliases: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing, signal);
  await checkCluster(nodes, timing, signal);
  await awaitReplayed(nodes, timing, signal);
  for (const alias of aliases)
    await withRetries(timing.adminAttempts, timing, signal, () => readAlias(nodes.first, alias));
}
