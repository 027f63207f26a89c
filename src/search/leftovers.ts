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
  /** Of the lock that the caller holds; null where it is not known which one that is. */
  readonly lockMark: string | null;
}

/**
 * After a switch: removes what is older than the collection kept for undo and was built by a run that is over: one of
 * ours whose journal says so, or any run, of whatever service, that built under the lock that the caller holds now.
 * What is built under another lock, from another database, may be alive, and is theirs to remove; what is newer may
 * be the state that an undo put aside. What a plan that was killed left of its look goes as well. Errors:
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
