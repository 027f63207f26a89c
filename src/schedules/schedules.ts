import type { Config } from '../config/config.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { JobsLog } from '../jobs/log.ts';
import { requestEnds } from '../sync/contract/requests.ts';
import type { JobRequest } from '../sync/contract/requests.ts';
import type { Trigger } from '../sync/contract/trigger.ts';
import { damagedSchedules, readOrDamage, tellingReader } from './damaged.ts';
import type { DamagedSchedule } from './damaged.ts';
import type { WithSchedule } from './locks.ts';
import { requestOf } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { firstState, scheduleNamed, stateOf } from './scheduler.ts';
import { knownNames, readState, removeState, writeState } from './store.ts';
import type { ScheduleEvent, ScheduleState } from './store.ts';
import { inWords, nextTimes } from './times.ts';

export interface SchedulesDeps {
  readonly config: Pick<Config, 'directories' | 'schedules'>;
  readonly locked: WithSchedule;
  /** The checks of the door that every job goes through, without the queue. */
  readonly admit: (request: JobRequest) => Promise<void>;
  readonly start: (
    request: JobRequest,
    options: { readonly actor?: string | undefined; readonly trigger: Trigger },
  ) => Promise<string>;
  readonly log: Pick<JobsLog, 'error'>;
  readonly now: () => number;
}

/** A schedule as it can be shown: names, times and words. */
export interface ScheduleView {
  readonly name: string;
  /** Where it stands: only the API can remove what the API made. */
  readonly from: 'file' | 'api';
  /** File and line; null where the API made it. */
  readonly place: string | null;
  readonly kind: Schedule['kind'];
  readonly input: Schedule['input'];
  readonly source: string | null;
  readonly target: string | null;
  readonly cron: string;
  readonly timeZone: string;
  readonly words: string;
  readonly missed: 'skip' | 'run';
  /** Who stopped it: the file, or somebody who can let it go on again. */
  readonly paused: 'file' | 'person' | null;
  /** The next five times, epoch milliseconds, also of one that is paused. */
  readonly next: readonly number[];
  /** The one of them that is left out. */
  readonly skip: number | null;
  /** What became of the last times, newest first. */
  readonly events: readonly ScheduleEvent[];
}

const nextShown = 5;

export interface Schedules {
  /** All that there are, as the scheduler looks at them; the log has those whose file cannot be read. */
  definitions(): Promise<readonly Schedule[]>;
  /** Without those that `damaged` names. */
  list(): Promise<readonly ScheduleView[]>;
  /** Those whose file in the data directory cannot be read. */
  damaged(): Promise<readonly DamagedSchedule[]>;
  get(name: string): Promise<ScheduleView>;
  add(schedule: Schedule): Promise<ScheduleView>;
  pause(name: string): Promise<ScheduleView>;
  resume(name: string): Promise<ScheduleView>;
  /** Leaves the next time out; once more, and it comes again. */
  skipNext(name: string, leaveOut: boolean): Promise<ScheduleView>;
  /** Starts its job now, beside its times. */
  run(name: string, options?: { readonly actor?: string | undefined }): Promise<string>;
  remove(name: string): Promise<void>;
}

/**
 * The schedules of the configuration file and those of the data directory, which the API made. Those with a name throw
 * USAGE_NOT_FOUND.
 */
export function createSchedules(deps: SchedulesDeps): Schedules {
  const { config, locked, now } = deps;
  const inFile = (name: string): boolean => config.schedules.some((one) => one.name === name);
  const readable = tellingReader(deps);
  const definitions = async (): Promise<readonly Schedule[]> => {
    const made: Schedule[] = [];
    for (const name of await knownNames(config)) {
      const state = inFile(name) ? null : await readable(name);
      if (state !== null && state.definition !== null) made.push(state.definition);
    }
    return [...config.schedules, ...made];
  };
  const named = async (name: string): Promise<Schedule> => {
    const all = await definitions();
    // Of one that is damaged: says so.
    if (!all.some((one) => one.name === name) && (await knownNames(config)).includes(name))
      await readState(config, name);
    return scheduleNamed(all, name);
  };
  const view = async (schedule: Schedule): Promise<ScheduleView> =>
    viewOf(deps, schedule, await stateOf(deps, schedule));
  const change = (
    name: string,
    to: (state: ScheduleState, schedule: Schedule) => ScheduleState,
  ): Promise<ScheduleView> =>
    locked(name, async () => {
      const schedule = await named(name);
      const state = to(await stateOf(deps, schedule), schedule);
      await writeState(config, name, state);
      return viewOf(deps, schedule, state);
    });
  return {
    definitions,
    async list() {
      const all: ScheduleView[] = [];
      for (const schedule of await definitions())
        if (!((await readOrDamage(config, schedule.name)) instanceof SyncError))
          all.push(await view(schedule));
      return all;
    },
    damaged: () => damagedSchedules(config),
    get: async (name) => view(await named(name)),
    add: (schedule) => locked(schedule.name, async () => added(deps, schedule, await definitions())),
    pause: (name) => change(name, (state) => ({ ...state, paused: true })),
    resume: (name) =>
      change(name, (state, schedule) => {
        if (schedule.paused === true)
          throw new SyncError(
            'CONFLICT_STATE',
            `The schedule "${name}" is paused by its definition${placeWords(deps, name)}, and stays so.`,
            { hint: 'Take `paused: true` out of it.' },
          );
        // What came while it stood was not missed.
        return { ...state, paused: false, seenTo: state.paused ? now() : state.seenTo };
      }),
    skipNext: (name, leaveOut) =>
      change(name, (state, schedule) => ({
        ...state,
        skip: leaveOut ? (nextTimes(schedule, now(), 1)[0] ?? null) : null,
      })),
    async run(name, options = {}) {
      const schedule = await named(name);
      return deps.start(requestOf(schedule), {
        ...options,
        trigger: { by: 'schedule', schedule: name, slot: null },
      });
    },
    remove: (name) =>
      locked(name, async () => {
        if (!(await damagedSchedules(config)).some((one) => one.name === name)) await named(name);
        if (inFile(name))
          throw new SyncError(
            'CONFLICT_STATE',
            `The schedule "${name}" stands in the configuration file${placeWords(deps, name)}; it was not removed.`,
            { hint: 'Take it out of the file and start the service anew, or pause it.' },
          );
        await removeState(config, name);
      }),
  };
}

async function added(
  deps: SchedulesDeps,
  schedule: Schedule,
  all: readonly Schedule[],
): Promise<ScheduleView> {
  const { config, admit, now } = deps;
  if (all.some(({ name }) => name === schedule.name))
    throw new SyncError('CONFLICT_STATE', `There is a schedule "${schedule.name}" already.`, {
      hint: 'Choose another name, or remove that one first.',
    });
  // One that is damaged is not written over: a person may still mend it.
  await readState(config, schedule.name);
  await admit(requestOf(schedule));
  // Of one that the API made, a pause is what a person said and can take back.
  const { paused = false, ...definition } = schedule;
  const state = { ...firstState(definition, now(), definition), paused };
  await writeState(config, schedule.name, state);
  return viewOf(deps, definition, state);
}

function viewOf({ config, now }: SchedulesDeps, schedule: Schedule, state: ScheduleState): ScheduleView {
  const { name, kind, input, cron, timeZone, missed = 'skip', paused } = schedule;
  const place = config.schedules.find((one) => one.name === name)?.said ?? null;
  return {
    name,
    from: place === null ? 'api' : 'file',
    place,
    kind,
    input,
    ...requestEnds(requestOf(schedule)),
    cron,
    timeZone,
    words: inWords(schedule),
    missed,
    paused: paused === true ? 'file' : state.paused ? 'person' : null,
    next: nextTimes(schedule, now(), nextShown),
    skip: state.skip,
    events: state.events,
  };
}

function placeWords({ config }: SchedulesDeps, name: string): string {
  const place = config.schedules.find((one) => one.name === name)?.said;
  return place === undefined ? '' : ` (${place})`;
}
