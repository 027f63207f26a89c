import type { Config } from '../../config/config.ts';
import { listDumps } from '../../dump/store.ts';
import type { Environment } from '../../environments/environment.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { databaseBytes } from '../ends/database-bytes.ts';
import { keptOfMerges } from '../merge/kept-of-merges.ts';
import { keptOfSwitches } from '../switch/kept-of-switches.ts';
import { connectAs, targetEnd } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import { whyInUse } from '../ends/in-use.ts';
import { undoTimeEnds } from '../ends/kept-until.ts';
import { openMaintenance } from '../ends/maintenance.ts';
import { markedDatabases } from '../ends/marker.ts';
import { dumpOfBasis, undoBasis } from '../contract/undo-basis.ts';
import { jobRecords } from '../journal/records.ts';
import type { JobRecord } from '../journal/records.ts';
import { undoOutlook } from '../undo/undo-outlook.ts';
import type { UndoOutlook } from '../undo/undo-outlook.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** How long a server may take to answer. */
const lookMs = 10_000;

/** A former state of an environment, by which a job can be undone. */
export interface KeptState {
  /** The name of the database or schema, or the id of the safety copy. */
  readonly id: string;
  /**
   * Rows: those that a merge has changed, as they were, in a schema of the target. Objects: those that a switch has put
   * aside, in schemas of the target.
   */
  readonly kind: 'database' | 'safety copy' | 'rows' | 'objects';
  readonly environment: string;
  /** The job that replaced it. */
  readonly jobId: string;
  /** Null where this role may not ask. */
  readonly bytes: number | null;
  /** Epoch milliseconds; by the clock of the database's server. */
  readonly keptAt: number;
  /** From then on a run on this environment removes it. */
  readonly until: number;
  /** Who uses it, so that no run removes it; null for nobody. */
  readonly inUse: string | null;
}

export interface KeptStates {
  /** By environment, newest first. */
  readonly kept: readonly KeptState[];
  /** Environments whose server could not be asked, with the reason. */
  readonly notAsked: readonly { readonly environment: string; readonly reason: string }[];
  /** Manifests of dumps that cannot be read, by their file names: what they say is not known. */
  readonly unreadable: readonly string[];
}

export interface KeptDetails {
  readonly state: KeptState;
  /** What an undo would undo; null where its record is in another data directory, or removed. */
  readonly job: Pick<
    JobRecord,
    'id' | 'kind' | 'source' | 'target' | 'startedAt' | 'finishedAt' | 'undoneBy'
  > | null;
  /** Null where it changed nothing, or there is no record. */
  readonly outlook: UndoOutlook | null;
}

export interface KeptDeps {
  readonly config: Config;
  readonly now: () => number;
}

/**
 * What undos go back by: databases that runs have put aside on the servers of the environments (of one environment,
 * if it is named), rows that merges have kept in them, and the safety copies of replacements in place. Changes
 * nothing, takes no lock. Of a server that does not answer, the reason is part of the answer. USAGE_NOT_FOUND for an
 * unknown environment.
 */
export async function keptStates(
  deps: KeptDeps,
  { environment }: { readonly environment?: string | undefined },
  options: { readonly signal: AbortSignal },
): Promise<KeptStates> {
  const { config } = deps;
  const asked =
    environment === undefined ? [...config.environments.values()] : [environmentNamed(config, environment)];
  const { copies, unreadable } = await safetyCopies(deps);
  const looks = await Promise.all(
    asked.map(async (one) => {
      try {
        const kept = [
          ...(await keptDatabases(deps, one, options)),
          ...(await keptInside(deps, one, options)),
        ];
        return { kept, notAsked: [] };
      } catch (error) {
        options.signal.throwIfAborted();
        return { kept: [], notAsked: [{ environment: one.name, reason: asSyncError(error).message }] };
      }
    }),
  );
  const databases = once(looks.flatMap(({ kept }) => kept));
  const names = new Set(asked.map(({ name }) => name));
  return {
    kept: [...databases, ...copies.filter(({ environment: name }) => names.has(name))].sort(
      (a, b) => a.environment.localeCompare(b.environment, 'en') || b.keptAt - a.keptAt,
    ),
    notAsked: looks.flatMap(({ notAsked }) => notAsked),
    unreadable,
  };
}

/** One of them, with the job and what is known of its undo. USAGE_NOT_FOUND. */
export async function keptState(
  deps: KeptDeps,
  id: string,
  options: { readonly signal: AbortSignal },
): Promise<KeptDetails> {
  const { kept, notAsked } = await keptStates(deps, {}, options);
  const state = kept.find((one) => one.id === id);
  if (state === undefined) {
    const silent = notAsked.map(
      ({ environment, reason }) => ` "${environment}" could not be asked: ${reason}`,
    );
    throw new SyncError('USAGE_NOT_FOUND', `Nothing is kept under the name "${id}".${silent.join('')}`, {
      hint: 'See what is kept: multiboard-sync kept list.',
    });
  }
  const [record] = await jobRecords(deps.config, (one) => one.id === state.jobId);
  if (record === undefined) return { state, job: null, outlook: null };
  const { id: jobId, kind, source, target, startedAt, finishedAt, undoneBy } = record;
  return {
    state,
    job: { id: jobId, kind, source, target, startedAt, finishedAt, undoneBy },
    outlook: await undoOutlook(deps, jobId, options),
  };
}

/** Two environments may name one database: what is kept of it is shown once. */
function once(states: readonly KeptState[]): readonly KeptState[] {
  const known = new Set<string>();
  return states.filter(({ id, jobId }) => {
    const key = JSON.stringify([id, jobId]);
    const isNew = !known.has(key);
    known.add(key);
    return isNew;
  });
}

async function keptDatabases(
  { config }: KeptDeps,
  environment: Environment,
  { signal: callers }: { readonly signal: AbortSignal },
): Promise<readonly KeptState[]> {
  const signal = AbortSignal.any([callers, AbortSignal.timeout(lookMs)]);
  const asker = { id: 'kept', connect: connectAs('kept'), signal };
  await using maintenance = await openMaintenance(asker, environment.database);
  if (maintenance === null) return [];
  const { own } = await markedDatabases(maintenance, environment.database.parts.database, { signal });
  const kept = own.filter(({ marker }) => marker.role === 'kept');
  const sizes = await databaseBytes(
    maintenance,
    kept.map(({ name }) => name),
    { signal },
  );
  const states: KeptState[] = [];
  for (const database of kept) {
    const { name, marker } = database;
    states.push({
      id: name,
      kind: 'database',
      environment: environment.name,
      jobId: marker.jobId,
      bytes: sizes.get(name) ?? null,
      keptAt: marker.at,
      until: undoTimeEnds(marker, config.sync),
      inUse: await whyInUse(maintenance, config.environments, database, { signal }),
    });
  }
  return states;
}

async function keptInside(
  { config }: KeptDeps,
  environment: Environment,
  { signal: callers }: { readonly signal: AbortSignal },
): Promise<readonly KeptState[]> {
  const signal = AbortSignal.any([callers, AbortSignal.timeout(lookMs)]);
  await using database = connectAs('kept')(targetEnd(environment), { access: 'read', connections: 1 });
  const kept = await database.withSession(
    async (session) => [
      ...(await keptOfMerges(session, { signal })).map((one) => ({ ...one, kind: 'rows' as const })),
      ...(await keptOfSwitches(session, { signal })).map((one) => ({ ...one, kind: 'objects' as const })),
    ],
    signal,
  );
  return kept.map(({ schema, kind, jobId, until, bytes }) => ({
    id: schema,
    kind,
    environment: environment.name,
    jobId,
    bytes,
    keptAt: until - config.sync.keepDatabaseHours * hourMs,
    until,
    inUse: null,
  }));
}

/** Those that are the only way back from a replacement in place that nobody has undone. */
async function safetyCopies({
  config,
}: KeptDeps): Promise<{ readonly copies: readonly KeptState[]; readonly unreadable: readonly string[] }> {
  const unreadable: string[] = [];
  const dumps = await listDumps(config, (name) => {
    unreadable.push(name);
  });
  const byId = new Map(dumps.filter(({ purpose }) => purpose === 'backup').map((dump) => [dump.id, dump]));
  if (byId.size === 0) return { copies: [], unreadable };
  const records = await jobRecords(config, ({ undoneBy, target }) => undoneBy === null && target !== null);
  const copies = records.flatMap(({ id: jobId, target, receipt }): KeptState[] => {
    if (receipt?.type !== 'receipt') return [];
    const dump = byId.get(dumpOfBasis(undoBasis(receipt)) ?? '');
    if (dump === undefined) return [];
    const keptAt = Date.parse(dump.createdAt);
    return [
      {
        id: dump.id,
        kind: 'safety copy',
        environment: target ?? dump.environment,
        jobId,
        bytes: dump.bytes,
        keptAt,
        until: keptAt + config.dumps.retentionDays * dayMs,
        inUse: null,
      },
    ];
  });
  return { copies, unreadable };
}
