import type { Config } from '../../config/config.ts';
import { removePartialDumps, removePartialsBeside } from '../../dump/store.ts';
import { recordDead } from '../journal/dead-record.ts';
import { isLiving, Journal, jobIdOf, unfinishedJournals } from '../journal/journal.ts';

/**
 * Clears up after dead runs that only read: exports and comparisons. They have no target, so no lock tells whether
 * they are dead; their processes do (living.ts). The unfinished dump of an export is removed; a finished one stays.
 * `except` is the name of the asking run's journal. Returns what was done, a sentence each.
 */
export async function recoverReaders(
  deps: { readonly config: Pick<Config, 'directories'>; readonly now: () => number },
  except: string,
): Promise<readonly string[]> {
  const { config } = deps;
  const done: string[] = [];
  for (const journal of await unfinishedJournals(config, (target) => (target ?? null) === null, except)) {
    if (await isLiving(config, journal)) continue;
    const { name, jobId, entries, unreadable } = journal;
    const dumps = entries.filter((line) => line.entry === 'dump');
    const files = await removePartialDumps(
      config,
      dumps.map(({ dumpId }) => dumpId),
    );
    for (const { output } of dumps)
      if (output !== undefined) files.push(...(await removePartialsBeside(output)));
    for (const file of files) done.push(`Removed the file "${file}" of run ${jobId}.`);
    if (unreadable.length > 0)
      done.push(
        `The journal of run ${jobId} cannot be read in line ${unreadable.join(', ')}: that run may have left ` +
          'more than was removed.',
      );
    const known = entries.some(({ entry }) => entry === 'started');
    // A job that is being tried again keeps its record.
    if (jobId !== jobIdOf(except))
      await recordDead(
        config,
        journal,
        known ? 'it had only read' : 'its journal cannot be read, so check what it was meant to change',
        deps.now(),
      );
    await Journal.end(config, name, known ? 'recovered: nothing changed' : 'recovered: not readable');
  }
  return done;
}
