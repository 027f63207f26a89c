import { SyncError } from '../errors/sync-error.ts';
import type { Reporter } from '../progress/progress.ts';
import type { CollectionReceipt } from '../sync/contract/receipts.ts';
import { aliasTarget, collectionSummary, readAlias } from './aliases.ts';
import type { BuiltCollection } from './built-collection.ts';
import { awaitReplayed } from './await-replayed.ts';
import { carrySettings } from './carry-settings.ts';
import { checkCluster } from './check-cluster.ts';
import { clearCache } from './clear-cache.ts';
import { movedMeanwhile, moveAliases } from './move-aliases.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

export interface SwitchOptions {
  /** Looked at until the first alias moves, then no more. */
  readonly signal: AbortSignal;
  /** For problems that deserve a warning, not a failure. */
  readonly report?: Reporter | undefined;
}

/**
 * Points every alias at its new collection, all or none, reads each back on every node, and clears the search cache.
 * Before the first one moves: each alias must still be where it was when the build began, each node must hold the new
 * collection whole, and synonyms and overrides are carried over again. Errors: SEARCH_ALIAS_REFUSED (nothing moved,
 * or all put back; the message says it), SEARCH_NAME_TAKEN, SEARCH_UNAVAILABLE, AUTH_SEARCH, MISMATCH_SEARCH; the
 * signal's reason.
 */
export async function switchAliases(
  deps: SearchDeps,
  built: readonly BuiltCollection[],
  options: SwitchOptions,
): Promise<readonly CollectionReceipt[]> {
  const { signal } = options;
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing);
  const facts = await checkCluster(nodes, timing, signal);
  await awaitReplayed(nodes, timing, signal, options.report);
  for (const one of built) {
    await withRetries(timing.adminAttempts, timing, signal, async () => {
      await checkUnmoved(nodes, one);
      await checkWhole(nodes, one);
      await carrySettings(nodes.first, facts, one.previous, one.collection);
    });
  }
  signal.throwIfAborted();
  const moves = built
    .filter(({ unchanged }) => !unchanged)
    .map(({ alias, aliasBefore, collection }) => ({ alias, from: aliasBefore, to: collection }));
  await moveAliases(nodes, moves, timing);
  if (moves.length > 0) await clearCache(nodes, timing, options.report);
  return built.map(receiptOf);
}

/** What a receipt says of a collection that was compared with the database. */
export function receiptOf({
  alias,
  collection,
  previous,
  unchanged,
  documents,
  seconds,
}: BuiltCollection): CollectionReceipt {
  const kept = unchanged ? { unchanged } : {};
  return { alias, collection, previous, ...kept, documents, verified: true, seconds };
}

async function checkUnmoved(nodes: SearchNodes, { alias, aliasBefore }: BuiltCollection): Promise<void> {
  const shown = await aliasTarget(nodes.first, alias);
  if (shown !== aliasBefore) throw movedMeanwhile(alias, aliasBefore, shown, 'no alias was moved');
  await readAlias(nodes.first, alias);
}

/** An alias may point at nothing, and the server does not mind (docs/facts/typesense.md#aliases): so we look first. */
async function checkWhole(
  nodes: SearchNodes,
  { alias, collection, documents }: BuiltCollection,
): Promise<void> {
  for (const node of nodes.all) {
    const summary = await collectionSummary(node, collection);
    if (summary?.documents === documents) continue;
    throw new SyncError(
      'MISMATCH_SEARCH',
      `Collection "${collection}" on ${node.url} no longer holds the ${documents} documents that were ` +
        'verified; no alias was moved.',
      { details: { alias, collection } },
    );
  }
}
