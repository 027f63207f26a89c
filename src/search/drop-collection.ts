import { SyncError } from '../errors/sync-error.ts';
import { allAliases } from './aliases.ts';
import { isBuiltCollection } from './collection-names.ts';
import { withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { callOrNull } from './search-node.ts';
import type { SearchNode } from './search-node.ts';

/**
 * Drops a collection that this program built, by its real name and only while no alias points there: a DELETE through
 * an alias would drop the live collection (docs/facts/typesense.md#aliases). One that is gone already is fine.
 * Errors: CONFLICT_STATE (not ours, or in use), SEARCH_UNAVAILABLE, AUTH_SEARCH.
 */
export async function dropCollection(
  node: SearchNode,
  alias: string,
  collection: string,
  timing: SearchTiming,
): Promise<void> {
  await withRetries(timing.adminAttempts, timing, undefined, async () => {
    const aliases = await allAliases(node);
    const inUse = aliases.has(collection) || [...aliases.values()].includes(collection);
    if (inUse || !isBuiltCollection(alias, collection)) {
      throw new SyncError(
        'CONFLICT_STATE',
        `Collection "${collection}" is in use, or was not built by this program; it was not removed.`,
      );
    }
    await callOrNull(node, `Removing collection "${collection}"`, () =>
      node.patientClient.collections(collection).delete(),
    );
  });
}
