import type { Config } from '../../config/config.ts';
import { removePartialDumps, removeWholeDumps } from '../../dump/store.ts';
import type { Environment } from '../../environments/environment.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { wasCommitted } from '../in-place/commit.ts';
import { removeSpool } from '../kept/spool.ts';
import { recordDead, recordDone } from '../journal/dead-record.ts';
import { isLiving, jobIdOf, Journal, unfinishedJournals } from '../journal/journal.ts';
import type { UnfinishedJournal } from '../journal/journal.ts';
import type { JournalEntry } from '../contract/journal-entry.ts';
import { dropOwnDatabase } from '../replace/create-shadow.ts';
import { finishSearch } from '../search/finish-search.ts';
import { changedElsewhere } from './changed-elsewhere.ts';
import { haveLeft } from '../ends/have-left.ts';
import { whyInUse } from '../ends/in-use.ts';
import { shutKept } from '../ends/open-kept.ts';
import type { Statements } from '../ends/maintenance.ts';
import { commentSql, markedDatabases } from '../ends/marker.ts';
import type { Markers } from '../ends/marker.ts';
import type { Receipt } from '../contract/receipts.ts';
import { databaseIdentity, findDatabase } from '../ends/target-facts.ts';
import type { TargetFacts } from '../ends/target-facts.ts';

export interface RecoverDeps {
  readonly config: Pick<Config, 'directories' | 'environments'>;
  readonly now: () => number;
}

/**
 * Clears up a target after a run that died. The caller holds the target's lock, but that does not prove that the last
 * holder is dead, because a lock ends with its connection. If a living run is still building something, it is left
 * alone and this run is refused (CONFLICT_TARGET_BUSY). A swap is one transaction: either it happened, and then the
 * search is brought to the same state, or it did not, and then the new database and the new collections are removed.
 * Returns what was done, a sentence each. `own` are the backends of the asking run.
 */
export async function recoverTarget(
  deps: RecoverDeps,
  maintenance: Statements,
  environment: Environment,
  asking: { readonly journalName: string; readonly own: readonly number[] },
): Promise<readonly string[]> {
  const live = environment.database.parts.database;
  const journals = await deadJournals(deps.config, environment, asking.journalName);
  const left = new Set(
    journals.flatMap(({ entries }) =>
      entries.flatMap((line) => (line.entry === 'shadow' ? [line.database] : [])),
    ),
  );
  const markers = await markedDatabases(maintenance, live, {});
  const done: string[] = [...(await clearMarkers(maintenance, markers))];
  for (const database of markers.own) {
    const { name, marker } = database;
    // Without its journal (it is in another data directory) only its sessions show that it lives.
    if (
      marker.role === 'shadow' &&
      !left.has(name) &&
      !(await haveLeft(maintenance, marker.jobId, asking.own))
    )
      throw stillLiving(live, marker.jobId);
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
  for (const journal of journals)
    done.push(
      ...(await recoverJournal(deps, maintenance, environment, journal, jobIdOf(asking.journalName))),
    );
  return done;
}

/** Open journals of runs on this target that nobody works on any more. CONFLICT_TARGET_BUSY where somebody does. */
async function deadJournals(
  config: Pick<Config, 'directories'>,
  { name, database }: Environment,
  except: string,
): Promise<readonly UnfinishedJournal[]> {
  const dead: UnfinishedJournal[] = [];
  for (const journal of await unfinishedJournals(config, (target) => target === name, except)) {
    if (!(await isLiving(config, journal))) dead.push(journal);
    // A run that has only begun waits for its turn, as this one did.
    else if (journal.entries.length > 1) throw stillLiving(database.parts.database, journal.jobId);
  }
  return dead;
}

function stillLiving(database: string, jobId: string): SyncError {
  return new SyncError(
    'CONFLICT_TARGET_BUSY',
    `Run ${jobId} is still working on the database "${database}", though it no longer holds its lock.`,
    { details: { holder: jobId } },
  );
}

/**
 * A kept database that people made live by hand, or renamed, belongs to them. The live one gets its former comment
 * back; a renamed one is left as it is.
 */
async function clearMarkers(maintenance: Statements, { live, renamed }: Markers): Promise<readonly string[]> {
  const told = renamed.map(
    ({ name, marker }) =>
      `The database "${name}" was renamed after run ${marker.jobId} had put it aside: it is left alone, and ` +
      'no run removes it.',
  );
  if (live === null) return told;
  const { name, marker } = live;
  try {
    await maintenance.execute(commentSql(name, marker.comment));
    return [
      ...told,
      `The database "${name}" is live, though a note of run ${marker.jobId} said that it was put aside: the ` +
        'note is removed.',
    ];
  } catch (error) {
    return [
      ...told,
      `The database "${name}" is live, though a note of run ${marker.jobId} says that it was put aside. The ` +
        `note is ignored; it could not be removed: ${asSyncError(error).message}`,
    ];
  }
}

/** What only the journal knows: a database made but not marked yet, dumps, rows set aside, the search, the outcome. */
async function recoverJournal(
  { config, now }: RecoverDeps,
  maintenance: Statements,
  environment: Environment,
  journal: UnfinishedJournal,
  asking: string,
): Promise<readonly string[]> {
  const { name, jobId, entries, unreadable } = journal;
  const done: string[] = [];
  const live = await findDatabase(maintenance, environment.database.parts.database, {});
  if (await changedElsewhere(maintenance, live, entries))
    return [
      `Run ${jobId} died while it changed another database than "${environment.name}" names now: what ` +
        'became of it is looked up, and put right, when it is named again.',
    ];
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
  if (outcome !== null)
    await recordDone(
      config,
      journal,
      {
        receipt: outcome.receipt as Receipt,
        undoes: outcome.entry === 'switch' ? outcome.undoes : null,
      },
      now(),
    );
  // A job that is being tried again keeps its record.
  else if (jobId !== asking) await recordDead(config, journal, 'it had not changed the target', now());
  const followed = entries.some(({ entry }) => entry === 'aliases' || entry === 'alias goals');
  if (committed && commit.search && !followed)
    done.push(
      `Run ${jobId} died after it had replaced the database in place: the search still shows the old data.`,
    );
  if (unreadable.length > 0)
    done.push(
      `The journal of run ${jobId} cannot be read in line ${unreadable.join(', ')}: look for databases and ` +
        'collections of that run by hand.',
    );
  await Journal.end(config, name, outcome === null ? 'recovered: old state' : 'recovered: new state');
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

/** Unfinished files, and the source's dump if the run failed: they help nobody, and the disk may be full. */
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
