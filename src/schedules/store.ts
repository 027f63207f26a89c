import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { privateDirectory, readFileIfAny, storageError, writeFileDurably } from '../dump/files.ts';
import { SyncError } from '../errors/sync-error.ts';
import { scheduleName, scheduleSchema } from './schedule.ts';

/** What became of a time that came. */
const eventSchema = z.object({
  /** The time it was meant for, epoch milliseconds. */
  slot: z.number(),
  at: z.number(),
  /**
   * `started`: as a job. `skipped`: somebody asked for it, or something still ran. `missed`: no service ran.
   * `refused`: the job was not let in. `elsewhere`: a service of another data directory saw to it.
   */
  what: z.enum(['started', 'skipped', 'missed', 'refused', 'elsewhere']),
  jobId: z.string().nullable(),
  /** A sentence. */
  message: z.string(),
});

export type ScheduleEvent = Readonly<z.infer<typeof eventSchema>>;

/** What is known of a schedule beside what was said of it, and of one that the API made, that as well. */
const stateSchema = z.object({
  version: z.literal(1),
  /** Null: it stands in the configuration file. */
  definition: scheduleSchema.nullable(),
  /** Somebody paused it. */
  paused: z.boolean(),
  /** The time that somebody asked to leave out. */
  skip: z.number().nullable(),
  /** Times up to this one are seen to, epoch milliseconds. */
  seenTo: z.number(),
  /** What the times were then: others are counted anew. */
  when: z.string(),
  /** The newest first. */
  events: z.array(eventSchema),
});

export type ScheduleState = Readonly<z.infer<typeof stateSchema>>;

type Directories = Pick<Config, 'directories'>;

const directoryOf = (config: Directories): string => join(config.directories.data, 'schedules');
const pathOf = (config: Directories, name: string): string => join(directoryOf(config), `${name}.json`);

/** Null where nothing is known yet. STORAGE_RECORD_DAMAGED. */
export async function readState(config: Directories, name: string): Promise<ScheduleState | null> {
  const text = await readFileIfAny(pathOf(config, name));
  if (text === null) return null;
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new SyncError(
      'STORAGE_RECORD_DAMAGED',
      `What is known of the schedule "${name}" (schedules/${name}.json in the data directory) cannot be read: it is ` +
        'cut off, or somebody changed it.',
      { cause: error, hint: 'Remove the file; a schedule that the API made has then to be added again.' },
    );
  }
}

export async function writeState(config: Directories, name: string, state: ScheduleState): Promise<void> {
  await privateDirectory(config.directories.data);
  await privateDirectory(directoryOf(config));
  await writeFileDurably(pathOf(config, name), JSON.stringify(state));
}

export async function removeState(config: Directories, name: string): Promise<void> {
  await rm(pathOf(config, name), { force: true });
}

/** Names of which there is a file. */
export async function knownNames(config: Directories): Promise<readonly string[]> {
  try {
    return (await readdir(directoryOf(config)))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .filter((name) => scheduleName.safeParse(name).success)
      .sort();
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw storageError(error, 'Listing the schedules');
  }
}
