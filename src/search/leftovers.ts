import { aliasTarget, collectionNames, allAliases } from './aliases.ts';
import { isBuiltByRun, isBuiltCollection } from './collection-names.ts';
import { discardCollections } from './discard-collections.ts';
import type { Removal } from './discard-collections.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

export interface LeftoverInput {
  readonly aliases: readonly string[];
  /** Real collections that must stay: what other runs are building, and what undo may still want. */
  readonly protect: readonly string[];
}

/**
 * At the beginning of a run: removes what a killed run left behind, which is every collection of ours that is newer
 * than the live one and that no alias points to. Older ones may be someone's undo, and stay (`retireCollections`). Where
 * the alias is missing, or points at a collection of another maker, nothing is removed: which is newer cannot be told.
 * Call it under the lock of the target, so that no other run is building. Errors: SEARCH_UNAVAILABLE, AUTH_SEARCH.
 */
export async function removeLeftovers(
  deps: SearchDeps,
  input: LeftoverInput,
  options: { readonly signal: AbortSignal },
): Promise<Removal> {
  return removeUnused(deps, input.aliases, options.signal, (live, unused, alias) =>
    live === null || !isBuiltCollection(alias, live)
      ? []
      : unused.filter((name) => name > live && !input.protect.includes(name)),
  );
}

/**
 * Removes what one run built and no alias points to: for a run that is known to be dead and to have changed nothing. Finds
 * it also where there is no live collection to compare with. Errors as `removeLeftovers`.
 */
export async function removeCollectionsOfRun(
  deps: SearchDeps,
  input: { readonly aliases: readonly string[]; readonly runId: string },
  options: { readonly signal: AbortSignal },
): Promise<Removal> {
  return removeUnused(deps, input.aliases, options.signal, (_live, unused, alias) =>
    unused.filter((name) => isBuiltByRun(alias, name, input.runId)),
  );
}

export interface RetireInput extends LeftoverInput {
  /** Collections behind the live one that stay for undo, by alias: `previous` of the receipts. */
  readonly previous: ReadonlyMap<string, string | null>;
  /** How many collections besides the live one to keep, 1 or more; the previous one is always among them. */
  readonly keep: number;
}

/** After a switch: removes old collections of ours beyond those kept for undo. Errors as `removeLeftovers`. */
export async function retireCollections(
  deps: SearchDeps,
  input: RetireInput,
  options: { readonly signal: AbortSignal },
): Promise<Removal> {
  return removeUnused(deps, input.aliases, options.signal, (live, unused, alias) => {
    if (live === null) return [];
    const previous = input.previous.get(alias) ?? null;
    const others = unused.filter((name) => name !== previous && !input.protect.includes(name));
    const newestFirst = [...others].sort().reverse();
    return newestFirst.slice(Math.max(0, input.keep - (previous === null ? 0 : 1)));
  });
}

async function removeUnused(
  deps: SearchDeps,
  aliases: readonly string[],
  signal: AbortSignal,
  choose: (live: string | null, unused: readonly string[], alias: string) => readonly string[],
): Promise<Removal> {
  const timing = timingOf(deps);
  const chosen = await withRetries(timing.adminAttempts, timing, signal, async () => {
    using nodes = new SearchNodes(deps.cluster, timing, signal);
    const names = await collectionNames(nodes.first);
    const used = new Set((await allAliases(nodes.first)).values());
    const found: { readonly alias: string; readonly collection: string }[] = [];
    for (const alias of aliases) {
      const live = await aliasTarget(nodes.first, alias);
      const unused = names.filter((name) => isBuiltCollection(alias, name) && !used.has(name));
      for (const collection of choose(live, unused, alias)) found.push({ alias, collection });
    }
    return found;
  });
  if (chosen.length === 0) return { removed: [], left: [] };
  return discardCollections(deps, chosen);
}
