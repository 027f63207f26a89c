import type { Config } from '../../config/config.ts';
import { removePartialDumps } from '../../dump/store.ts';
import type { Environment } from '../../environments/environment.ts';
import { Journal, unfinishedJournals } from '../journal/journal.ts';
import type { JournalEntry, UnfinishedJournal } from '../journal/journal.ts';
import { readJobRecord, writeJobRecord } from '../journal/records.ts';
import { dropOwnDatabase } from '../replace/create-shadow.ts';
import { setDoor } from '../replace/switch.ts';
import { finishSearch } from '../search/finish-search.ts';
import type { Maintenance } from './maintenance.ts';
import { markedDatabases } from './marker.ts';
import type { Receipt } from '../verbs.ts';
import { findDatabase } from './target-facts.ts';

/**
 * Puts a target right after a run that died. The caller holds the target's lock, so whatever carries a marker or an
 * open journal belongs to no living run. A swap is one transaction: either it happened, and then the search is brought
 * to the same state, or it did not, and then the new database and the new collections are removed. Returns what was
 * done, a sentence each.
 */
export async function recoverTarget(
  deps: { readonly config: Pick<Config, 'directories'> },
  maintenance: Maintenance,
  environment: Environment,
  journalName: string,
): Promise<readonly string[]> {
  const live = environment.database.parts.database;
  const done: string[] = [];
  for (const { name, allowsConnections, marker } of await markedDatabases(maintenance, live, {})) {
    if (marker.role === 'kept') {
      // An undo that died while it looked at it.
      if (allowsConnections) await setDoor(maintenance, name, false);
      continue;
    }
    await dropOwnDatabase(maintenance, name);
    done.push(`Removed the unfinished database "${name}" of run ${marker.jobId}.`);
  }
  for (const journal of await unfinishedJournals(deps.config, environment.name, journalName)) {
    done.push(...(await recoverJournal(deps.config, maintenance, environment, journal)));
  }
  return done;
}

/** What only the journal knows: a database made but not marked yet, half-written dumps, and the search. */
async function recoverJournal(
  config: Pick<Config, 'directories'>,
  maintenance: Maintenance,
  environment: Environment,
  { name, jobId, entries }: UnfinishedJournal,
): Promise<readonly string[]> {
  const done: string[] = [];
  const live = await findDatabase(maintenance, environment.database.parts.database, {});
  const swap = entries.findLast((line) => line.entry === 'switch');
  const swapped = swap !== undefined && live?.oid === swap.shadowOid;
  for (const line of entries) {
    if (line.entry !== 'shadow' || (await findDatabase(maintenance, line.database, {})) === null) continue;
    await dropOwnDatabase(maintenance, line.database);
    done.push(`Removed the unfinished database "${line.database}" of run ${jobId}.`);
  }
  const dumpIds = entries.flatMap((line) => (line.entry === 'dump' ? [line.dumpId] : []));
  for (const file of await removePartialDumps(config, dumpIds))
    done.push(`Removed the unfinished file "${file}" of run ${jobId}.`);
  const search = await finishSearch(environment, jobId, entries, swapped);
  done.push(...search.sentences);
  // A search that could not be reached is left for the next run: its journal stays open.
  if (!search.finished) return done;
  if (swapped) await recordDone(config, jobId, swap);
  await using journal = await Journal.resume(config, name);
  await journal.write({ entry: 'ended', state: swapped ? 'recovered: new state' : 'recovered: old state' });
  return done;
}

/** The dead run did its work: its record says so, with the receipt it had ready, so that it can be undone. */
async function recordDone(
  config: Pick<Config, 'directories'>,
  jobId: string,
  swap: Extract<JournalEntry, { readonly entry: 'switch' }>,
): Promise<void> {
  const record = await readJobRecord(config, jobId);
  if (record === null) return;
  await writeJobRecord(config, {
    ...record,
    state: 'done',
    finishedAt: Date.now(),
    receipt: swap.receipt as Receipt,
    error: null,
  });
  const undone = swap.undoes === null ? null : await readJobRecord(config, swap.undoes);
  if (undone !== null) await writeJobRecord(config, { ...undone, undoneBy: jobId });
}

/** Removes kept databases older than the undo time. Returns their names. */
export async function expireKept(
  maintenance: Maintenance,
  live: string,
  olderThan: number,
): Promise<readonly string[]> {
  const expired = (await markedDatabases(maintenance, live, {})).filter(
    ({ marker }) => marker.role === 'kept' && marker.at < olderThan,
  );
  for (const { name } of expired) await dropOwnDatabase(maintenance, name);
  return expired.map(({ name }) => name);
}
