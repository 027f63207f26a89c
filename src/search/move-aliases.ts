import { asSyncError, SyncError } from '../errors/sync-error.ts';
import { aliasTarget, setAlias } from './aliases.ts';
import { withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import type { SearchNodes } from './search-node.ts';

export interface AliasMove {
  readonly alias: string;
  /** Where it points now and goes back to; null: there is no alias. */
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * The error for an alias that points elsewhere than before. It is not known who moved it: a server that was killed
 * may have lost its last writes. SEARCH_ALIAS_REFUSED.
 */
export function movedMeanwhile(
  alias: string,
  from: string | null,
  shown: string | null,
  consequence: string,
): SyncError {
  const place = (target: string | null): string => (target === null ? 'nothing' : `"${target}"`);
  return new SyncError(
    'SEARCH_ALIAS_REFUSED',
    `Alias "${alias}" pointed at ${place(from)} and now points at ${place(shown)}: somebody else moved ` +
      `it, or Typesense lost its last writes; ${consequence}.`,
    {
      details: { alias },
      hint: 'Find out who else moves this alias, and whether Typesense was restarted; then run again.',
    },
  );
}

/**
 * Moves several aliases, all or none: Typesense has no transaction over them (docs/facts/typesense.md#aliases), so
 * when one cannot move, those before it, and it, are put back. Each is looked at right before it moves, and again
 * before it is put back: what somebody else has moved meanwhile is theirs. Takes no abort signal: it lasts
 * milliseconds, and half a switch is worse. Errors: SEARCH_ALIAS_REFUSED, AUTH_SEARCH or SEARCH_UNAVAILABLE of the
 * alias that could not move; the message says what every alias is then.
 */
export async function moveAliases(
  nodes: SearchNodes,
  moves: readonly AliasMove[],
  timing: SearchTiming,
): Promise<void> {
  const begun: AliasMove[] = [];
  for (const move of moves) {
    const { alias, from, to } = move;
    try {
      const shown = await withRetries(timing.adminAttempts, timing, undefined, () =>
        aliasTarget(nodes.first, alias),
      );
      // One that is there already may have got there by a request of ours whose answer was lost.
      if (shown !== from && shown !== to) throw movedMeanwhile(alias, from, shown, 'it was left there');
      begun.push(move);
      await setAlias(nodes, alias, to, timing);
    } catch (thrown) {
      const cause = asSyncError(thrown);
      const { stuck, foreign } = await putBack(nodes, begun.reverse(), timing);
      const theirs = begun.includes(move) ? foreign : [alias];
      const state = [
        stuck.length === 0
          ? `Every${theirs.length === 0 ? '' : ' other'} alias points where it did before.`
          : `These could not be put back; check them by hand: ${listed(stuck)}.`,
        ...(foreign.length === 0 ? [] : [`These were moved by somebody else meanwhile: ${listed(foreign)}.`]),
      ];
      throw new SyncError(cause.code, `${cause.message} ${state.join(' ')}`, {
        hint: cause.hint,
        details: { ...cause.details, alias, notPutBack: stuck },
      });
    }
  }
}

const listed = (aliases: readonly string[]): string => aliases.map((alias) => `"${alias}"`).join(', ');

/**
 * `stuck`: aliases whose state is not known; `foreign`: those that are neither where they were nor where we put them.
 */
async function putBack(
  nodes: SearchNodes,
  moves: readonly AliasMove[],
  timing: SearchTiming,
): Promise<{ readonly stuck: readonly string[]; readonly foreign: readonly string[] }> {
  const stuck: string[] = [];
  const foreign: string[] = [];
  for (const { alias, from, to } of moves) {
    try {
      // Often it never moved; a server that refuses writes would then only refuse once more.
      const shown = await Promise.all(nodes.all.map((node) => aliasTarget(node, alias)));
      if (shown.every((target) => target !== from && target !== to)) foreign.push(alias);
      else if (shown.some((target) => target !== from)) await setAlias(nodes, alias, from, timing);
    } catch {
      // Named in the error that is being raised.
      stuck.push(alias);
    }
  }
  return { stuck, foreign };
}
