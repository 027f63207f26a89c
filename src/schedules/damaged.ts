import type { Config } from '../config/config.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { JobsLog } from '../jobs/log.ts';
import { knownNames, readState } from './store.ts';
import type { ScheduleState } from './store.ts';

/** A schedule of which nothing can be shown but what is wrong with its file. */
export interface DamagedSchedule {
  readonly name: string;
  /** A sentence. */
  readonly message: string;
}

type Directories = Pick<Config, 'directories'>;

/** The error where its file cannot be read. */
export async function readOrDamage(
  config: Directories,
  name: string,
): Promise<ScheduleState | SyncError | null> {
  try {
    return await readState(config, name);
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
}

/** All whose file cannot be read. */
export async function damagedSchedules(config: Directories): Promise<readonly DamagedSchedule[]> {
  const found: DamagedSchedule[] = [];
  for (const name of await knownNames(config)) {
    const state = await readOrDamage(config, name);
    if (state instanceof SyncError) found.push({ name, message: state.message });
  }
  return found;
}

/** Reads what is known of a schedule; null, told once, where it cannot be read: one must not stop the others. */
export function tellingReader({
  config,
  log,
}: {
  readonly config: Directories;
  readonly log: Pick<JobsLog, 'error'>;
}): (name: string) => Promise<ScheduleState | null> {
  const told = new Set<string>();
  return async (name) => {
    const state = await readOrDamage(config, name);
    if (!(state instanceof SyncError)) {
      told.delete(name);
      return state;
    }
    if (!told.has(name)) log.error({ code: state.code, schedule: name }, state.message);
    told.add(name);
    return null;
  };
}
