import type { Environment } from '../../environments/environment.ts';
import { Releasers } from '../../lib/releasers.ts';
import type { Asker } from '../contract/run.ts';
import { targetEnd } from './connect.ts';
import { openMaintenance } from './maintenance.ts';
import type { Maintenance } from './maintenance.ts';
import { TargetLock } from './target-lock.ts';

export interface HeldTarget extends AsyncDisposable {
  readonly maintenance: Maintenance;
  /** Fires with the caller's signal, and when the lock is lost. */
  readonly signal: AbortSignal;
}

/**
 * Takes both locks of a target (lock.ts) for work on what lies beside it, on its server. Null where this role may
 * connect to no database beside it. CONFLICT_TARGET_BUSY, TARGET_UNAVAILABLE, AUTH_DATABASE.
 */
export async function holdTarget(run: Asker, environment: Environment): Promise<HeldTarget | null> {
  const name = environment.database.parts.database;
  const releasers = new Releasers();
  try {
    const maintenance = await openMaintenance(run, environment.database);
    if (maintenance === null) return null;
    releasers.defer(() => maintenance[Symbol.asyncDispose]());
    await maintenance.lock(name, run);
    const database = run.connect(targetEnd(environment), { access: 'maintenance', connections: 1 });
    releasers.defer(() => database.close());
    const lock = await TargetLock.take(database, name, maintenance.session, run);
    releasers.defer(() => lock[Symbol.asyncDispose]());
    return { maintenance, signal: lock.signal, [Symbol.asyncDispose]: () => releasers.release() };
  } catch (error) {
    // People must hear of the first failure, not of this one.
    await releasers.release().catch(() => {});
    throw error;
  }
}
