import { SyncError } from '../errors/sync-error.ts';
import type { Reporter } from '../progress/progress.ts';
import { aliasTarget, collectionNames, collectionSummary } from './aliases.ts';
import { awaitReplayed } from './await-replayed.ts';
import { carrySettings } from './carry-settings.ts';
import { checkCluster } from './check-cluster.ts';
import { clearCache } from './clear-cache.ts';
import { moveAliases } from './move-aliases.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps, SearchTiming } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

export interface AliasGoal {
  readonly alias: string;
  /** A real collection; null removes the alias (undo of a first build). */
  readonly collection: string | null;
}

/** What `restoreAliases` would do with one alias. */
export interface AliasOutlook extends AliasGoal {
  /** Where it points now; null where there is none. */
  readonly from: string | null;
  /** Of the collection it would point at. */
  readonly documents: number;
}

/**
 * Looks whether aliases can go back, and what they would show; moves none. Errors: SEARCH_ALIAS_REFUSED (a kept
 * collection is gone), SEARCH_UNAVAILABLE, AUTH_SEARCH; the signal's reason.
 */
export async function outlookOfAliases(
  deps: SearchDeps,
  goals: readonly AliasGoal[],
  options: { readonly signal: AbortSignal },
): Promise<readonly AliasOutlook[]> {
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing);
  return await look(nodes, timing, goals, options.signal);
}

async function look(
  nodes: SearchNodes,
  timing: SearchTiming,
  goals: readonly AliasGoal[],
  signal: AbortSignal,
  report?: Reporter,
): Promise<readonly AliasOutlook[]> {
  await awaitReplayed(nodes, timing, signal, report);
  const seen: AliasOutlook[] = [];
  for (const { alias, collection } of goals) {
    seen.push(
      await withRetries(timing.adminAttempts, timing, signal, async () => {
        let documents = 0;
        for (const node of nodes.all) {
          if (collection === null) continue;
          const summary = await collectionSummary(node, collection);
          if (summary?.name !== collection) throw goneFrom(node.url, { alias, collection });
          ({ documents } = summary);
        }
        return { alias, collection, from: await aliasTarget(nodes.first, alias), documents };
      }),
    );
  }
  return seen;
}

function goneFrom(url: string, { alias, collection }: AliasGoal): SyncError {
  return new SyncError(
    'SEARCH_ALIAS_REFUSED',
    `Collection "${collection ?? ''}" is not on ${url} any more, so alias "${alias}" cannot go back to it; ` +
      'no alias was moved.',
    { details: { alias, collection } },
  );
}

/** Names of the real collections of each node, by its address. */
export type RealCollections = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Asked after the log was carried out, so what is not there is gone. Errors: SEARCH_UNAVAILABLE, AUTH_SEARCH; the
 * signal's reason.
 */
export async function realCollections(
  deps: SearchDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<RealCollections> {
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing, signal);
  await awaitReplayed(nodes, timing, signal);
  const found = await Promise.all(
    nodes.all.map(async (node) => {
      const names = await withRetries(timing.adminAttempts, timing, signal, () => collectionNames(node));
      return [node.url, new Set(names)] as const;
    }),
  );
  return new Map(found);
}

/** SEARCH_ALIAS_REFUSED, as an undo would say it, where an alias cannot go back to its collection; else null. Pure. */
export function collectionGone(there: RealCollections, goal: AliasGoal): SyncError | null {
  const { collection } = goal;
  if (collection === null) return null;
  const without = [...there].find(([_url, names]) => !names.has(collection));
  return without === undefined ? null : goneFrom(without[0], goal);
}

/**
 * The goals that can be reached, because their collections are on every node. Asked after the log was replayed, so a
 * missing collection is gone. Errors: SEARCH_UNAVAILABLE, AUTH_SEARCH; the signal's reason.
 */
export async function collectionsThere(
  deps: SearchDeps,
  goals: readonly AliasGoal[],
  { signal }: { readonly signal: AbortSignal },
): Promise<{
  readonly there: readonly AliasGoal[];
  readonly gone: readonly (AliasGoal & { readonly collection: string })[];
}> {
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing);
  await awaitReplayed(nodes, timing, signal);
  const there: AliasGoal[] = [];
  const gone: { alias: string; collection: string }[] = [];
  for (const { alias, collection } of goals) {
    if (collection === null) {
      there.push({ alias, collection });
      continue;
    }
    const shown = await withRetries(timing.adminAttempts, timing, signal, () =>
      Promise.all(nodes.all.map((node) => collectionSummary(node, collection))),
    );
    if (shown.every((summary) => summary?.name === collection)) there.push({ alias, collection });
    else gone.push({ alias, collection });
  }
  return { there, gone };
}

/**
 * Points aliases back at kept collections, all or none; for the undo. Synonyms and overrides are people's settings
 * and no part of what is undone: those of the collections that were live until now are carried over. The new
 * collections stay for the caller to keep or discard; the search cache is cleared. Errors: SEARCH_ALIAS_REFUSED (a
 * kept collection is gone: nothing moved), SEARCH_UNAVAILABLE, AUTH_SEARCH; the signal's reason before the first
 * alias moves.
 */
export async function restoreAliases(
  deps: SearchDeps,
  goals: readonly AliasGoal[],
  options: { readonly signal: AbortSignal; readonly report?: Reporter | undefined },
): Promise<void> {
  const { signal } = options;
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing);
  const facts = await checkCluster(nodes, timing, signal);
  const seen = await look(nodes, timing, goals, signal, options.report);
  for (const { from, collection } of seen) {
    if (from === null || collection === null || from === collection) continue;
    await withRetries(timing.adminAttempts, timing, signal, async () => {
      // One that is gone has taken its synonyms along.
      if ((await collectionSummary(nodes.first, from)) === null) return;
      await carrySettings(nodes.first, facts, from, collection);
    });
  }
  signal.throwIfAborted();
  const moves = seen.map(({ alias, from, collection }) => ({ alias, from, to: collection }));
  await moveAliases(nodes, moves, timing);
  await clearCache(nodes, timing, options.report);
}
