import { asSyncError } from '../errors/sync-error.ts';
import type { Reporter } from '../progress/progress.ts';
import { withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { call } from './search-node.ts';
import type { SearchNodes } from './search-node.ts';

/** The server caches answers by request for up to a minute, across a switch of aliases, forward or back. */
export async function clearCache(
  nodes: SearchNodes,
  timing: SearchTiming,
  report: Reporter | undefined,
): Promise<void> {
  for (const node of nodes.all) {
    try {
      await withRetries(timing.adminAttempts, timing, undefined, () =>
        call(node, 'Clearing the search cache', () => node.client.operations.perform('cache/clear')),
      );
    } catch (error) {
      // The switch is done and proved; searches that ask for cached answers see the old ones for a minute at most.
      report?.log('warn', 'The search cache could not be cleared; cached answers stay for up to a minute.', {
        reason: asSyncError(error).message,
      });
    }
  }
}
