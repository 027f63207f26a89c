import { asSyncError, SyncError } from '../errors/sync-error.ts';
import { aliasTarget, setAlias } from './aliases.ts';
import type { SearchTiming } from './search-deps.ts';
import type { SearchNodes } from './search-node.ts';

export interface AliasMove {
  readonly alias: string;
  /** Where it points now and goes back to; null: there is no alias. */
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Moves several aliases, all or none: Typesense has no transaction over them (facts §5.3), so when one cannot move,
 * those before it, and it, are put back. Takes no abort signal: it lasts milliseconds, and half a switch is worse.
 * Errors: SEARCH_ALIAS_REFUSED, AUTH_SEARCH or SEARCH_UNAVAILABLE of the alias that could not move; the message says
 * what every alias is then.
 */
export async function moveAliases(
  nodes: SearchNodes,
  moves: readonly AliasMove[],
  timing: SearchTiming,
): Promise<void> {
  const begun: AliasMove[] = [];
  for (const move of moves) {
    begun.push(move);
    try {
      await setAlias(nodes, move.alias, move.to, timing);
    } catch (thrown) {
      const cause = asSyncError(thrown);
      const stuck = await putBack(nodes, begun.reverse(), timing);
      const state =
        stuck.length === 0
          ? 'Every alias points where it did before.'
          : `These could not be put back, look at them: ${stuck.map((alias) => `"${alias}"`).join(', ')}.`;
      throw new SyncError(cause.code, `${cause.message} ${state}`, {
        details: { ...cause.details, alias: move.alias, notPutBack: stuck },
      });
    }
  }
}

/** Returns the aliases whose state is not known. */
async function putBack(
  nodes: SearchNodes,
  moves: readonly AliasMove[],
  timing: SearchTiming,
): Promise<readonly string[]> {
  const stuck: string[] = [];
  for (const { alias, from } of moves) {
    try {
      // Often it never moved; a server that refuses writes would then only refuse once more.
      const shown = await Promise.all(nodes.all.map((node) => aliasTarget(node, alias)));
      if (shown.some((target) => target !== from)) await setAlias(nodes, alias, from, timing);
    } catch {
      // Named in the error that is being raised.
      stuck.push(alias);
    }
  }
  return stuck;
}
