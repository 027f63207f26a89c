import { collectionNames, allAliases } from './aliases.ts';
import { awaitReplayed } from './await-replayed.ts';
import { isBuiltByRun, isBuiltCollection, isBuiltUnderLock, isLeftProbe } from './collection-names.ts';
import { discardCollections } from './discard-collections.ts';
import type { Removal } from './discard-collections.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

/**
 * Removes what one run built and no alias points to: for a run that is known to be dead and to have changed nothing.
 * Errors: SEARCH_UNAVAILABLE, AUTH_SEARCH.
 */
export async function removeCollectionsOfRun(
  deps: SearchDeps,
  input: { readonly aliases: readonly string[]; readonly runId: string },
  options: { readonly signal: AbortSignal },
): Promise<Removal> {
  return removeUnused(deps, input.aliases, options.signal, (unused, alias) =>
    unused.filter((name) => isBuiltByRun(alias, name, [input.runId])),
  );
}

export interface RetireInput {
  readonly aliases: readonly string[];
  /** Collections behind the live one that stay for undo, by alias: `previous` of the receipts. */
  readonly previous: ReadonlyMap<string, string | null>;
  /** Runs of ours that are over. */
  readonly runIds: readonly string[];
  /** The mark of the lock that the caller holds; null if it is not known. */
  readonly lockMark: string | null;
}

/**
 * After a switch: removes collections that are older than the one kept for undo and were built by a run that is over.
 * That is a run of ours whose journal says so, or any service's run that built under the lock which the caller holds
 * now. A collection built under another lock, from another database, may be in use, and is left to its owner; a newer
 * one may be the state that an undo put aside. Leftovers of a plan that was killed are removed as well. Errors:
 * SEARCH_UNAVAILABLE, AUTH_SEARCH.
 */
export async function retireCollections(
  deps: SearchDeps,
  input: RetireInput,
  options: { readonly signal: AbortSignal },
): Promise<Removal> {
  return removeUnused(deps, input.aliases, options.signal, (unused, alias) => {
    const previous = input.previous.get(alias) ?? null;
    const isBehind = (name: string): boolean =>
      previous !== null && isBuiltCollection(alias, previous) && name < previous;
    return unused.filter(
      (name) =>
        isLeftProbe(alias, name, deps.now()) ||
        (isBehind(name) &&
          (isBuiltByRun(alias, name, input.runIds) || isBuiltUnderLock(alias, name, input.lockMark))),
    );
  });
}

async function removeUnused(
  deps: SearchDeps,
  aliases: readonly string[],
  signal: AbortSignal,
  choose: (unused: readonly string[], alias: string) => readonly string[],
): Promise<Removal> {
  const timing = timingOf(deps);
  const chosen = await withRetries(timing.adminAttempts, timing, signal, async () => {
    using nodes = new SearchNodes(deps.cluster, timing, signal);
    await awaitReplayed(nodes, timing, signal);
    const names = await collectionNames(nodes.first);
    const used = new Set((await allAliases(nodes.first)).values());
    const found: { readonly alias: string; readonly collection: string }[] = [];
    for (const alias of aliases) {
      const unused = names.filter((name) => isBuiltCollection(alias, name) && !used.has(name));
      for (const collection of choose(unused, alias)) found.push({ alias, collection });
    }
    return found;
  });
  if (chosen.length === 0) return { removed: [], left: [] };
  return discardCollections(deps, chosen);
}
