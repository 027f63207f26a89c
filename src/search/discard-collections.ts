import { errorReport } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import { dropCollection } from './drop-collection.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

/** What a clean-up achieved; it never throws for what it could not remove. */
export interface Removal {
  readonly removed: readonly string[];
  /** Still there, each with the reason: the run's journal stays open, and the next run removes them. */
  readonly left: readonly { readonly collection: string; readonly error: ErrorReport }[];
}

/**
 * Removes new collections that will not be used. Takes no signal: it is what runs after a cancel. When the first
 * removal finds the server out of reach the rest is not tried, so it ends after one set of tries.
 */
export async function discardCollections(
  deps: SearchDeps,
  built: readonly { readonly alias: string; readonly collection: string }[],
): Promise<Removal> {
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing);
  const removed: string[] = [];
  const left: { collection: string; error: ErrorReport }[] = [];
  let unreachable: ErrorReport | null = null;
  for (const { alias, collection } of built) {
    if (unreachable !== null) {
      left.push({ collection, error: unreachable });
      continue;
    }
    try {
      await dropCollection(nodes.first, alias, collection, timing);
      removed.push(collection);
    } catch (thrown) {
      const error = errorReport(thrown);
      if (error.code === 'SEARCH_UNAVAILABLE') unreachable = error;
      left.push({ collection, error });
    }
  }
  return { removed, left };
}
