import type { Config } from '../../config/config.ts';
import { removePartialDumps, removeWholeDumps } from '../../dump/store.ts';
import type { Environment } from '../../environments/environment.ts';
import { asSyncError, errorReport, SyncError } from '../../errors/sync-error.ts';
import { wasCommitted } from '../in-place/commit.ts';
import { removeSpool } from '../in-place/spool.ts';
import { jobIdOf, Journal, unfinishedJournals } from '../journal/journal.ts';
import type { JournalEntry, UnfinishedJournal } from '../journal/journal.ts';
import { readJobRecord, writeJobRecord } from '../journal/records.ts';
import { dropOwnDatabase } from '../replace/create-shadow.ts';
import { finishSearch } from '../search/finish-search.ts';
import { whyInUse } from './in-use.ts';
import { shutKept } from './kept-door.ts';
import type { Statements } from './maintenance.ts';
import { commentSql, markedDatabases } from './marker.ts';
import type { Markers } from './marker.ts';
import type { Receipt } from '../verbs.ts';
import { databaseIdentity, findDatabase } from './target-facts.ts';
import type { TargetFacts } from './target-facts.ts';

/**
 * Puts a target right after a run that died. The caller holds the target's lock, so whatever carries a marker or an
 * open journal belongs to no living run. A swap is one transaction: either it happened, and then the search is brought
 * to the same state, or it did not, and then the new database and the new collections are removed. Returns what was
 * done, a sentence each.
 */
export async function recoverTarget(
  deps: { readonly config: Pick<Config, 'directories' | 'environments'> },
  maintenance: Statements,
  environment: Environment,
  journalName: string,
): Promise<readonly string[]> {
  const markers = await markedDatabases(maintenance, environment.database.parts.database, {});
  const done: string[] = [...(await clearMarkers(maintenance, markers))];
  for (const database of markers.own) {
    const { name, marker } = database;
    const inUse = await whyInUse(maintenance, deps.config.environments, database, {});
    if (inUse !== null) {
      done.push(`The database "${name}" of run ${marker.jobId} is left alone: ${inUse}.`);
    } else if (marker.role === 'kept') {
      // An undo that died while it looked at it.
      if (marker.opened === true) await shutKept(maintenance, database);
    } else {
      await dropOwnDatabase(maintenance, name);
      done.push(`Removed the unfinished database "${name}" of run ${marker.jobId}.`);
    }
  }
  for (const journal of await unfinishedJournals(deps.config, environment.name, journalName)) {
    done.push(
      ...(await recoverJournal(deps.config, maintenance, environment, journal, jobIdOf(journalName))),
    );
  }
  return done;
}

/**
 * A kept database that people made live by hand, or keep under a name of their own, is theirs. The live one gets back the
 * comment that it had before; a renamed one is left as it is.
 */
async function clearMarkers(maintenance: Statements, { live, renamed }: Markers): Promise<readonly string[]> {
  const told = renamed.map(
    ({ name, marker }) =>
      `The database "${name}" was renamed since run ${marker.jobId} put it aside: it is left alone, and no run removes it.`,
  );
  if (live === null) return told;
  const { name, marker } = live;
  try {
    await maintenance.execute(commentSql(name, marker.comment));
    return [
      ...told,
      `The database "${name}" is live and carried the note of run ${marker.jobId} that it was put aside: the note is removed.`,
    ];
  } catch (error) {
    return [
      ...told,
      `The database "${name}" is live and carries the note of run ${marker.jobId} that it was put aside; the note does not count, and could not be removed: ${asSyncError(error).message}`,
    ];
  }
}

type Switch = Extract<JournalEntry, { readonly entry: 'switch' }>;
type Commit = Extract<JournalEntry, { readonly entry: 'commit' }>;

/** What only the journal knows: a database made but not marked yet, dumps, rows set aside, the search, the outcome. */
async function recoverJournal(
  config: Pick<Config, 'directories' | 'environments'>,
  maintenance: Statements,
  environment: Environment,
  { name, jobId, entries }: UnfinishedJournal,
  asking: string,
): Promise<readonly string[]> {
  const done: string[] = [];
  const live = await findDatabase(maintenance, environment.database.parts.database, {});
  const swap = entries.findLast((line) => line.entry === 'switch');
  const swapped = swap !== undefined && live?.oid === swap.shadowOid;
  const commit = entries.findLast((line) => line.entry === 'commit');
  const committed =
    commit !== undefined &&
    live !== null &&
    commit.database === databaseIdentity(live) &&
    (await wasCommitted(maintenance, commit.xid));
  for (const line of entries) {
    if (line.entry !== 'shadow') continue;
    done.push(...(await removeUnmarked(config, maintenance, live, line.database, jobId)));
  }
  for (const file of await removeDumps(config, entries, swapped || committed))
    done.push(`Removed the file "${file}" of run ${jobId}.`);
  await removeSpool(config.directories.data, jobId);
  const search = await finishSearch(environment, jobId, entries, swapped);
  done.push(...search.sentences);
  // A search that could not be reached is left for the next run: its journal stays open.
  if (!search.finished) return done;
  const outcome = swapped ? swap : committed ? commit : null;
  if (outcome !== null) await recordDone(config, jobId, outcome);
  else if (jobId !== asking) await recordDead(config, jobId);
  if (committed && commit.search && !entries.some((line) => line.entry === 'aliases'))
    done.push(
      `Run ${jobId} died after it had replaced the database in place: the search still shows what was before.`,
    );
  await using journal = await Journal.resume(config, name);
  await journal.write({
    entry: 'ended',
    state: outcome === null ? 'recovered: old state' : 'recovered: new state',
  });
  return done;
}

/** A database that a dead run made and had not marked yet: it is empty, and nobody has said anything about it since. */
async function removeUnmarked(
  config: Pick<Config, 'environments'>,
  maintenance: Statements,
  live: TargetFacts | null,
  name: string,
  jobId: string,
): Promise<readonly string[]> {
  const found = await findDatabase(maintenance, name, {});
  if (found === null || found.oid === live?.oid || found.comment !== null) return [];
  const unmarked = { name, allowsConnections: true, marker: { role: 'shadow' as const } };
  const inUse = await whyInUse(maintenance, config.environments, unmarked, {});
  if (inUse !== null) return [`The database "${name}" of run ${jobId} is left alone: ${inUse}.`];
  await dropOwnDatabase(maintenance, name);
  return [`Removed the unfinished database "${name}" of run ${jobId}.`];
}

/** Unfinished files, and the source's rows where nothing came of them: they help nobody, and the disk may be full. */
async function removeDumps(
  config: Pick<Config, 'directories'>,
  entries: readonly JournalEntry[],
  succeeded: boolean,
): Promise<readonly string[]> {
  const dumps = entries.filter((line) => line.entry === 'dump');
  const removed = await removePartialDumps(
    config,
    dumps.map(({ dumpId }) => dumpId),
  );
  if (succeeded) return removed;
  const whole = dumps.filter(({ purpose }) => purpose === 'export').map(({ dumpId }) => dumpId);
  return [...removed, ...(await removeWholeDumps(config, whole))];
}

/** The dead run did its work: its record says so, with the receipt it had ready, so that it can be undone. */
async function recordDone(
  config: Pick<Config, 'directories'>,
  jobId: string,
  outcome: Switch | Commit,
): Promise<void> {
  const record = await readJobRecord(config, jobId);
  if (record === null) return;
  await writeJobRecord(config, {
    ...record,
    state: 'done',
    finishedAt: Date.now(),
    receipt: outcome.receipt as Receipt,
    error: null,
  });
  const undoes = outcome.entry === 'switch' ? outcome.undoes : null;
  const undone = undoes === null ? null : await readJobRecord(config, undoes);
  if (undone !== null) await writeJobRecord(config, { ...undone, undoneBy: jobId });
}

/** The dead run came to nothing. One that is being tried again keeps its record. */
async function recordDead(config: Pick<Config, 'directories'>, jobId: string): Promise<void> {
  const record = await readJobRecord(config, jobId);
  if (record?.state !== 'running') return;
  const error = new SyncError('JOB_WORKER_LOST', `Job "${jobId}" died; the target is as it was before.`);
  await writeJobRecord(config, {
    ...record,
    state: 'failed',
    finishedAt: Date.now(),
    error: errorReport(error),
  });
}

/** Removes kept databases older than the undo time, but those that somebody uses. Returns their names. */
export async function expireKept(
  { environments }: Pick<Config, 'environments'>,
  maintenance: Statements,
  live: string,
  olderThan: number,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const database of (await markedDatabases(maintenance, live, {})).own) {
    const { name, marker } = database;
    if (marker.role !== 'kept' || marker.at >= olderThan) continue;
    if ((await whyInUse(maintenance, environments, database, {})) !== null) continue;
    await dropOwnDatabase(maintenance, name);
    removed.push(name);
  }
  return removed;
}
