import type { Config } from '../../config/config.ts';
import { findDump, openDump } from '../../dump/store.ts';
import type { Environment } from '../../environments/environment.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { Database } from '../../postgres/database.ts';
import { outlookOfAliases } from '../../search/restore-aliases.ts';
import { jobRecordsOf, readJobRecord } from '../journal/records.ts';
import { lackWords } from '../../plan/way-back.ts';
import { environmentsOn } from '../ends/in-use.ts';
import { markedDatabases } from '../ends/marker.ts';
import { openMaintenance } from '../ends/maintenance.ts';
import { targetFacts } from '../ends/target-facts.ts';
import { otherDatabase } from './undo-database.ts';
import { hasEffect, undoOrder } from './undo-order.ts';
import type { UndoOrder } from './undo-order.ts';
import type { Receipt } from '../contract/receipts.ts';

/** How long servers may take to answer somebody who only looks. */
const lookMs = 5_000;

/** What is known of an undo before it is asked for. */
export interface UndoOutlook extends UndoOrder {
  /** What an undo in place would not bring back as it was. */
  readonly lacks: readonly string[];
  /** Why it is no longer possible, a sentence each; none where nothing is known against it. */
  readonly gone: readonly string[];
  /** What else there is to know: what soon will be gone, or could not be looked at. */
  readonly notes: readonly string[];
}

interface Found {
  readonly gone: readonly string[];
  readonly notes: readonly string[];
}
const allThere: Found = { gone: [], notes: [] };

/**
 * Where a job stands among the others of its target, and whether what its undo needs is still there: the kept
 * database, or the safety copy and the database it was taken of, and the search's former collections. Changes
 * nothing, takes no lock, waits for no server longer than a few seconds. Null where the job changed nothing, so there
 * is nothing to undo.
 */
export async function undoOutlook(
  deps: { readonly config: Config; readonly now: () => number },
  jobId: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<UndoOutlook | null> {
  const { config } = deps;
  const record = await readJobRecord(config, jobId);
  if (record === null || record.target === null || !hasEffect(record)) return null;
  if (record.receipt?.type !== 'receipt') return null;
  const { receipt } = record;
  const order = undoOrder(record, await jobRecordsOf(config, record.target));
  const lacks = receipt.undoLacks ?? [];
  if (order.undoneBy !== null) return { ...order, lacks, ...allThere };
  const environment = config.environments.get(record.target);
  if (environment === undefined)
    return { ...order, lacks, gone: [`No environment is called "${record.target}" any more.`], notes: [] };
  const time = AbortSignal.timeout(lookMs);
  const signal = options.signal === undefined ? time : AbortSignal.any([options.signal, time]);
  const looks = [
    receipt.keptDatabase === null
      ? lookAtSafetyCopy(config, environment, receipt, order, signal)
      : lookAtKept(deps, environment, receipt, receipt.keptDatabase, signal),
    lookAtSearch(deps, environment, receipt, signal),
  ];
  const found = await Promise.all(
    looks.map((look) =>
      look.catch((error: unknown): Found => {
        options.signal?.throwIfAborted();
        const why = time.aborted ? `no answer within ${lookMs / 1000} s` : asSyncError(error).message;
        return { gone: [], notes: [`It could not be found out whether an undo is possible: ${why}`] };
      }),
    ),
  );
  return {
    ...order,
    lacks,
    gone: found.flatMap(({ gone }) => gone),
    notes: found.flatMap(({ notes }) => notes),
  };
}

async function lookAtKept(
  { config, now }: { readonly config: Config; readonly now: () => number },
  environment: Environment,
  { jobId, backup }: Receipt,
  kept: string,
  signal: AbortSignal,
): Promise<Found> {
  await using maintenance = await openMaintenance(environment.database, `${jobId} look`, { signal });
  if (maintenance === null)
    return { gone: [], notes: [`It could not be found out whether the kept database "${kept}" is there.`] };
  const { own } = await markedDatabases(maintenance, environment.database.parts.database, { signal });
  const found = own.find(({ name, marker }) => name === kept && marker.jobId === jobId);
  if (found === undefined) {
    const instead = backup === null ? '' : `; its safety copy was ${backup.dumpId}`;
    return { gone: [`The database "${kept}" that job ${jobId} kept is gone${instead}.`], notes: [] };
  }
  const namedBy = environmentsOn(config.environments, kept);
  if (namedBy.length > 0)
    return {
      gone: [
        `The database "${kept}" that job ${jobId} kept now belongs to the environment "${namedBy.join('", "')}".`,
      ],
      notes: [],
    };
  const over = found.marker.at + config.sync.keepDatabaseHours * 3_600_000 < now();
  return {
    gone: [],
    notes: over
      ? [
          `The undo time of the kept database "${kept}" is over: the next run on ${environment.name} removes it.`,
        ]
      : [],
  };
}

async function lookAtSafetyCopy(
  config: Config,
  environment: Environment,
  receipt: Receipt,
  order: UndoOrder,
  signal: AbortSignal,
): Promise<Found> {
  if (receipt.mode !== 'in-place' || receipt.backup === null) return allThere;
  const { dumpId } = receipt.backup;
  let manifest: Awaited<ReturnType<typeof openDump>>['manifest'];
  try {
    await using reader = await openDump((await findDump(config, dumpId)).paths);
    ({ manifest } = reader);
  } catch (error) {
    const { message } = asSyncError(error);
    return {
      gone: [`The safety copy ${dumpId} of job ${receipt.jobId} cannot be read: ${message}`],
      notes: [],
    };
  }
  await using database = new Database({
    url: environment.database,
    purpose: 'target',
    applicationName: `multiboard-sync ${receipt.jobId} look`,
    connectionsMax: 1,
  });
  const facts = await database.withSession(
    (session) => targetFacts(session, environment.database.parts.database, { signal }),
    signal,
  );
  const other = otherDatabase({ environment, facts }, receipt, manifest, order);
  return { gone: other === null ? [] : [other], notes: [] };
}

async function lookAtSearch(
  { now }: { readonly now: () => number },
  { search }: Environment,
  { collections }: Receipt,
  signal: AbortSignal,
): Promise<Found> {
  if (search === null || collections.length === 0) return allThere;
  const goals = collections.map(({ alias, previous }) => ({ alias, collection: previous }));
  try {
    await outlookOfAliases({ cluster: search, now }, goals, { signal });
    return allThere;
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'SEARCH_ALIAS_REFUSED') throw error;
    return { gone: [error.message], notes: [] };
  }
}

/**
 * The same in words, for people; null for a job that is the last word on its target, and whose undo brings all back.
 */
export function undoWords({ undoneBy, overtakenBy, lacks, gone, notes }: UndoOutlook): string | null {
  if (undoneBy !== null) return `Undone by job ${undoneBy}.`;
  const last = overtakenBy.at(-1);
  const words = [
    ...(gone.length === 0 ? [] : [`Can no longer be undone. ${gone.join(' ')}`]),
    ...(last === undefined ? [] : [`Job ${last} ran later: undoing this one undoes its changes as well.`]),
    ...lackWords(lacks),
    ...notes,
  ];
  return words.length === 0 ? null : words.join(' ');
}

/** CONFLICT_UNDO_GONE where what the undo needs is not there any more. */
export function refuseGone(id: string, { gone }: Pick<UndoOutlook, 'gone'>): void {
  if (gone.length === 0) return;
  throw new SyncError(
    'CONFLICT_UNDO_GONE',
    `Job "${id}" can no longer be undone. ${gone.join(' ')} Nothing was changed.`,
    {
      details: { gone },
      hint:
        'If its safety copy is still there (multiboard-sync dumps), import that. If the former search ' +
        'collections are gone, run "typesense" to rebuild the search.',
    },
  );
}
