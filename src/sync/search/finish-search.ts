import type { Environment } from '../../environments/environment.ts';
import { errorReport } from '../../errors/sync-error.ts';
import { removeCollectionsOfRun } from '../../search/leftovers.ts';
import { collectionsThere, restoreAliases } from '../../search/restore-aliases.ts';
import type { JournalEntry } from '../contract/journal-entry.ts';

/** How long moving the aliases may take; the run that waits for it has work of its own. */
const finishMs = 60_000;

/**
 * Brings the search of a dead run to the state its database has: the aliases follow a swap that happened; the new
 * collections go when it did not. `finished` is false when the search could not be reached; nothing is lost then, the
 * aliases still point at complete collections.
 */
export async function finishSearch(
  environment: Environment,
  jobId: string,
  entries: readonly JournalEntry[],
  swapped: boolean,
): Promise<{ readonly finished: boolean; readonly sentences: readonly string[] }> {
  const { search } = environment;
  const moved = entries.some((line) => line.entry === 'aliases' && line.moved);
  if (search === null || moved) return { finished: true, sentences: [] };
  const deps = { cluster: search, now: Date.now };
  // The swap decides. Without a swap, the last line counts that the run wrote before it moved an alias, or when it
  // could not put one back.
  const goals =
    (swapped
      ? entries.findLast((line) => line.entry === 'switch')
      : entries.findLast((line) => line.entry === 'alias goals')
    )?.aliases ?? [];
  const sentences: string[] = [];
  if (goals.length > 0) {
    try {
      const signal = AbortSignal.timeout(finishMs);
      const { there, gone } = await collectionsThere(deps, goals, { signal });
      await restoreAliases(deps, there, { signal });
      const moved = there.map(({ alias }) => alias).join(', ');
      if (there.length > 0)
        sentences.push(
          swapped
            ? `Moved the search aliases of run ${jobId}, which died right after its switch: ${moved}.`
            : `Brought ${gone.length === 0 ? 'all ' : ''}search aliases of run ${jobId} to one state: ${moved}.`,
        );
      // A collection that is gone does not come back; waiting for it would leave the other aliases in two states for
      // good.
      for (const { alias, collection } of gone)
        sentences.push(
          `The search alias "${alias}" of run ${jobId} stays where it is: its collection "${collection}" is ` +
            'gone, so the search may show a mixture of old and new until it is rebuilt (multiboard-sync typesense ' +
            `${environment.name}).`,
        );
    } catch (error) {
      const reason = `The search aliases of run ${jobId} could not be moved: ${errorReport(error).message}`;
      return { finished: false, sentences: [reason] };
    }
  }
  const begun = entries.findLast((line) => line.entry === 'search');
  if (swapped || begun === undefined) return { finished: true, sentences };
  try {
    const signal = AbortSignal.timeout(finishMs);
    const { removed, left } = await removeCollectionsOfRun(deps, begun, { signal });
    return {
      finished: left.length === 0,
      sentences: [
        ...sentences,
        ...removed.map((name) => `Removed the unused collection "${name}" of run ${jobId}.`),
      ],
    };
  } catch (error) {
    return {
      finished: false,
      sentences: [
        ...sentences,
        `The unused collections of run ${jobId} could not be removed: ${errorReport(error).message}`,
      ],
    };
  }
}
