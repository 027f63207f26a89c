import type { Config } from '../../config/config.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { connectAs } from '../ends/connect.ts';
import { holdTarget } from '../ends/hold-target.ts';
import { serverTime } from '../ends/kept-until.ts';
import { expireKept } from './expire-kept.ts';

export interface Swept {
  readonly environment: string;
  /** Names of the databases that were removed. */
  readonly removed: readonly string[];
  /** Why its server could not be asked, or nothing could be removed; the next sweep tries again. */
  readonly failure: string | null;
}

/**
 * Removes what is over beside every environment that may be a target, so that a target on which nothing runs does not
 * fill its disk. One after the other, each under the target's lock; where a run has it, that run does the same at its
 * end. Says only what there is to say.
 */
export async function sweepKept(
  config: Config,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  for (const environment of config.environments.values()) {
    const { name, database, protection } = environment;
    if (protection === 'source-only') continue;
    try {
      const asker = { id: 'sweep', connect: connectAs('sweep'), signal };
      await using held = await holdTarget(asker, environment);
      if (held === null) continue;
      const { maintenance } = held;
      const time = await serverTime(maintenance);
      const removed = await expireKept(config, maintenance, database.parts.database, time);
      if (removed.length > 0) swept.push({ environment: name, removed, failure: null });
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = asSyncError(error);
      if (code !== 'CONFLICT_TARGET_BUSY') swept.push({ environment: name, removed: [], failure: message });
    }
  }
  return swept;
}
