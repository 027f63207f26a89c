import { removeUnusedDump } from '../dumps/dump-uses.ts';
import type { DumpUses } from '../dumps/dump-uses.ts';
import { environmentNamed } from '../ends/environments.ts';
import { connectAs, targetEnd } from '../ends/connect.ts';
import { TargetLock } from '../ends/target-lock.ts';
import { dropUndoSchema } from '../merge/before-images.ts';
import { dropKeptObjects } from '../switch/kept-of-switches.ts';
import { holdTarget } from '../ends/hold-target.ts';
import { whyInUse } from '../ends/in-use.ts';
import { markedDatabases } from '../ends/marker.ts';
import { checkTargetAllowed } from '../ends/opened-target.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { dropOwnDatabase } from '../replace/create-shadow.ts';
import { keptState } from '../verbs/kept-states.ts';
import type { KeptDeps, KeptState } from '../verbs/kept-states.ts';

export interface DropKeptInput {
  readonly id: string;
  /** The name of the environment that it is a former state of. */
  readonly confirm: string;
  /** Dumps that jobs of a queue need. */
  readonly queued: DumpUses;
  /** Jobs that undos of a queue take back, with who does. */
  readonly undone: ReadonlyMap<string, string>;
}

/**
 * Removes a kept database, the kept rows of a merge, what a switch has put aside, or a safety copy together with the
 * undo that needs it. A database is looked at again under the target's lock, and left alone if a run works on the
 * target (CONFLICT_TARGET_BUSY), or somebody uses it or waits to go back to it (CONFLICT_STATE). Other errors:
 * USAGE_NOT_FOUND, USAGE_CONFIRM_MISMATCH, CONFLICT_TARGET_PROTECTED, STORAGE_DUMP_BUSY. Afterwards the job cannot be
 * undone any more.
 */
export async function dropKept(
  deps: KeptDeps,
  { id, confirm, queued, undone }: DropKeptInput,
  options: { readonly signal: AbortSignal },
): Promise<KeptState> {
  const { config } = deps;
  const { state } = await keptState(deps, id, options);
  checkTargetAllowed(environmentNamed(config, state.environment), confirm);
  const waiting = state.kind === 'safety copy' ? undefined : undone.get(state.jobId);
  if (waiting !== undefined)
    throw new SyncError('CONFLICT_STATE', `"${id}" is needed by ${waiting}; it was not removed.`, {
      hint: 'Cancel that job, or let it end.',
    });
  switch (state.kind) {
    case 'database':
      await dropDatabase(deps, state, options);
      return state;
    case 'rows':
    case 'objects':
      await dropInside(deps, state, options);
      return state;
    case 'safety copy':
      await removeUnusedDump(config, id, queued, { withUndo: true });
      return state;
    default:
      return state.kind satisfies never;
  }
}

/** Whoever undoes the job holds the target's lock. */
async function dropInside(
  { config }: KeptDeps,
  { id, kind, environment: name }: KeptState,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const environment = environmentNamed(config, name);
  const run = { id: 'kept', connect: connectAs('kept'), signal };
  await using database = run.connect(targetEnd(environment), { access: 'write', connections: 2 });
  await using lock = await TargetLock.take(database, environment.database.parts.database, null, run);
  await database.withSession(async (session) => {
    await session.execute('BEGIN', { signal: lock.signal });
    const drop = kind === 'objects' ? dropKeptObjects : dropUndoSchema;
    await drop(session, id, { signal: lock.signal });
    await session.execute('COMMIT', { signal: lock.signal });
  }, lock.signal);
}

async function dropDatabase(
  { config }: KeptDeps,
  { id, environment: name }: KeptState,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const environment = environmentNamed(config, name);
  const live = environment.database.parts.database;
  const asker = { id: 'kept', connect: connectAs('kept'), signal };
  await using held = await holdTarget(asker, environment);
  const maintenance = held?.maintenance ?? null;
  const markers = maintenance === null ? null : await markedDatabases(maintenance, live, { signal });
  const database = markers?.own.find((one) => one.name === id && one.marker.role === 'kept');
  if (maintenance === null || database === undefined)
    throw new SyncError('USAGE_NOT_FOUND', `The kept database "${id}" is gone.`);
  const inUse = await whyInUse(maintenance, config.environments, database, { signal });
  if (inUse !== null)
    throw new SyncError('CONFLICT_STATE', `The kept database "${id}" was not removed: ${inUse}.`, {
      hint: 'It belongs to whoever uses it: let them leave it first, or drop it yourself.',
    });
  await dropOwnDatabase(maintenance, id);
}
