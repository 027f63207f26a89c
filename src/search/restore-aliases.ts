import { SyncError } from '../errors/sync-error.ts';
import { aliasTarget, collectionSummary } from './aliases.ts';
import { moveAliases } from './move-aliases.ts';
import type { AliasMove } from './move-aliases.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

export interface AliasGoal {
  readonly alias: string;
  /** A real collection; null removes the alias (undo of a first build). */
  readonly collection: string | null;
}

/**
 * Points aliases back at kept collections, all or none; for the undo. The new collections stay for the caller to keep
 * or discard. Errors: SEARCH_ALIAS_REFUSED (a kept collection is gone: nothing moved), SEARCH_UNAVAILABLE, AUTH_SEARCH; the
 * signal's reason before the first alias moves.
 */
export async function restoreAliases(
  deps: SearchDeps,
  goals: readonly AliasGoal[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { signal } = options;
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing);
  const moves: AliasMove[] = [];
  for (const { alias, collection } of goals) {
    const from = await withRetries(timing.adminAttempts, timing, signal, async () => {
      for (const node of nodes.all) {
        if (collection === null) continue;
        const summary = await collectionSummary(node, collection);
        if (summary?.name === collection) continue;
        throw new SyncError(
          'SEARCH_ALIAS_REFUSED',
          `Collection "${collection}" is not on ${node.url} any more, so alias "${alias}" cannot go back to it; no alias was moved.`,
          { details: { alias, collection } },
        );
      }
      return aliasTarget(nodes.first, alias);
    });
    moves.push({ alias, from, to: collection });
  }
  signal.throwIfAborted();
  await moveAliases(nodes, moves, timing);
}
