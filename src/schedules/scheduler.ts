import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { asSyncError, SyncError } from '../errors/sync-error.ts';
import type { Claims } from '../jobs/claims/claims.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobsLog } from '../jobs/log.ts';
import type { JobRequest } from '../sync/contract/requests.ts';
import type { Trigger } from '../sync/contract/trigger.ts';
import { busyWith } from './busy.ts';
import { dueOf, missedWords } from './due.ts';
import type { Due } from './due.ts';
import type { WithSchedule } from './locks.ts';
import { requestOf } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { slotJobId } from './slot-job.ts';
import { readState, writeState } from './store.ts';
import type { ScheduleEvent, ScheduleState } from './store.ts';
import { localTime } from './times.ts';

/** More than ten fields: it watches schedules, time and its process, and starts jobs by what it is given. */
export interface SchedulerDeps {
  readonly config: Pick<Config, 'directories'>;
  readonly claims: Pick<Claims, 'hold' | 'unfinished'>;
  readonly jobs: Pick<JobQueue, 'getJob'>;
  /** The door of every job: its checks, then the queue. An id that the queue knows is not added again. */
  readonly start: (
    request: JobRequest,
    options: { readonly id: string; readonly trigger: Trigger },
  ) => Promise<string>;
  /** All that there are now, wherever they stand. */
  readonly schedules: () => Promise<readonly Schedule[]>;
  readonly locked: WithSchedule;
  /** The process drains: what comes due now is left to the next one, which tells it as missed or makes up for it. */
  readonly isStopping: () => boolean;
  /** Whose claims on times are whose: the same for all services of a data directory, and after a start anew. */
  readonly holder: string;
  readonly log: JobsLog;
  readonly now: () => number;
  /** Told of each event, after it was written down. */
  readonly onEvent?: ((schedule: Schedule, event: ScheduleEvent) => void) | undefined;
}

/** While a time is decided about; then the claim is kept, so that nobody decides again. */
const decidingMs = 60_000;
const decidedMs = 86_400_000;
/** Events that are kept of a schedule. */
const eventsMax = 20;
const lookMs = 1_000;

/** What a schedule is at first sight: nothing was missed. */
export function firstState(schedule: Schedule, now: number, definition: Schedule | null): ScheduleState {
  return {
    version: 1,
    definition,
    paused: false,
    skip: null,
    seenTo: now,
    when: whenOf(schedule),
    events: [],
  };
}

const whenOf = ({ cron, timeZone }: Schedule): string => `${cron} ${timeZone}`;

/** Its state; times are counted anew where they were changed, and none is missed meanwhile. */
export async function stateOf(
  { config, now }: Pick<SchedulerDeps, 'config' | 'now'>,
  schedule: Schedule,
): Promise<ScheduleState> {
  const state = (await readState(config, schedule.name)) ?? firstState(schedule, now(), null);
  if (state.when === whenOf(schedule)) return state;
  return { ...state, when: whenOf(schedule), seenTo: now(), skip: null };
}

/**
 * Looks at one schedule once, and does what is due: tells missed times, starts a job, or says why it does not. Throws
 * what the queue throws; then nothing is written down, and the next look does it.
 */
export async function lookAt(deps: SchedulerDeps, schedule: Schedule): Promise<void> {
  const { config, now } = deps;
  const before = await stateOf(deps, schedule);
  const at = now();
  if (schedule.paused === true || before.paused) {
    await seen(deps, schedule, { ...before, seenTo: at });
    return;
  }
  const due = dueOf(schedule, before, at);
  if (due.missed === null && due.slot === null) {
    const stored = await readState(config, schedule.name);
    if (stored?.when !== before.when) await writeState(config, schedule.name, before);
    return;
  }
  const last = due.slot ?? due.missed?.last ?? at;
  const claim = { name: `schedule ${schedule.name} ${last}`, holder: deps.holder };
  const holder = await deps.claims.hold(claim, decidingMs);
  // Another one decides; if it died at that, the claim ends, and this look comes again.
  if (holder !== null && at < last + decidingMs * 2) return;
  const state = { ...before, seenTo: last, skip: before.skip === last ? null : before.skip };
  const events =
    holder === null
      ? await decide(deps, schedule, before, due)
      : [event(at, last, 'elsewhere', 'A service with another data directory saw to it.')];
  await writeState(config, schedule.name, {
    ...state,
    events: [...events, ...before.events].slice(0, eventsMax),
  });
  if (holder === null) await deps.claims.hold(claim, decidedMs);
  for (const one of events) tell(deps, schedule, one);
}

/** Paused times are seen to in memory alone, but once a minute. */
async function seen({ config }: SchedulerDeps, schedule: Schedule, state: ScheduleState): Promise<void> {
  const before = await readState(config, schedule.name);
  if (before === null || state.seenTo - before.seenTo > decidingMs)
    await writeState(config, schedule.name, state);
}

/** Newest first. */
async function decide(
  deps: SchedulerDeps,
  schedule: Schedule,
  state: ScheduleState,
  { missed, slot }: Due,
): Promise<readonly ScheduleEvent[]> {
  const at = deps.now();
  const events: ScheduleEvent[] = [];
  if (missed !== null) {
    const then = localTime(missed.last, schedule.timeZone);
    const rest = slot === missed.last ? 'one run makes up for it' : 'nothing makes up for it';
    events.push(
      event(
        at,
        missed.last,
        'missed',
        `No service ran when ${missedWords(missed)} came, the last at ${then}; ${rest}.`,
      ),
    );
  }
  if (slot !== null) events.unshift(await startAt(deps, schedule, state, slot));
  return events;
}

async function startAt(
  deps: SchedulerDeps,
  schedule: Schedule,
  { skip }: ScheduleState,
  slot: number,
): Promise<ScheduleEvent> {
  const { start, now } = deps;
  const request = requestOf(schedule);
  const id = slotJobId(schedule.name, slot, request.kind);
  if (skip === slot) return event(now(), slot, 'skipped', 'Left out, as was asked.');
  const busy = await busyWith(deps, schedule.name, request, id);
  if (busy !== null) return event(now(), slot, 'skipped', `Left out: ${busy}.`);
  try {
    const jobId = await start(request, { id, trigger: { by: 'schedule', schedule: schedule.name, slot } });
    return { ...event(now(), slot, 'started', `Started as job ${jobId}.`), jobId };
  } catch (thrown) {
    const error = asSyncError(thrown);
    // The queue takes nothing now, and may soon.
    if (error.code === 'QUEUE_UNAVAILABLE' || error.code === 'QUEUE_FULL') throw error;
    return event(now(), slot, 'refused', `Not let in: ${error.message} (${error.code})`);
  }
}

function event(at: number, slot: number, what: ScheduleEvent['what'], message: string): ScheduleEvent {
  return { slot, at, what, jobId: null, message };
}

function tell({ log, onEvent }: SchedulerDeps, schedule: Schedule, told: ScheduleEvent): void {
  const { what, message, jobId } = told;
  const fields = { schedule: schedule.name, what, ...(jobId === null ? {} : { job: jobId }) };
  if (what === 'started' || what === 'elsewhere') log.info(fields, message);
  else log.warn(fields, message);
  onEvent?.(schedule, told);
}

/** Looks at all schedules once a second. Returns what ends it: a look that is at work is waited for. */
export function startScheduler(deps: SchedulerDeps): () => Promise<void> {
  const over = new AbortController();
  const troubles = new Map<string, string>();
  const trouble = (key: string, error: unknown): void => {
    const { code, message } = asSyncError(error);
    // Told once, until it changes.
    if (troubles.get(key) === code) return;
    troubles.set(key, code);
    deps.log.error({ code, ...(key === '' ? {} : { schedule: key }) }, `Schedules: ${message}`);
  };
  const lookOnce = async (): Promise<void> => {
    const all = await deps.schedules();
    troubles.delete('');
    for (const schedule of all) {
      if (over.signal.aborted || deps.isStopping()) return;
      try {
        await lookWhereDue(deps, schedule);
        troubles.delete(schedule.name);
      } catch (error) {
        trouble(schedule.name, error);
      }
    }
  };
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await lookOnce().catch((error: unknown) => {
        trouble('', error);
      });
      await delay(lookMs, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  const running = run();
  return async () => {
    over.abort();
    await running;
  };
}

/** Takes the lock only where there is something to do: most looks find nothing. */
async function lookWhereDue(deps: SchedulerDeps, schedule: Schedule): Promise<void> {
  const known = await readState(deps.config, schedule.name);
  if (known !== null && known.when === whenOf(schedule)) {
    const paused = schedule.paused === true || known.paused;
    if (paused && deps.now() - known.seenTo <= decidingMs) return;
    if (!paused) {
      const { missed, slot } = dueOf(schedule, known, deps.now());
      if (missed === null && slot === null) return;
    }
  }
  await deps.locked(schedule.name, () => lookAt(deps, schedule));
}

/** The schedule of a name. USAGE_NOT_FOUND. */
export function scheduleNamed(all: readonly Schedule[], name: string): Schedule {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new SyncError('USAGE_NOT_FOUND', `There is no schedule "${name}".`);
  return found;
}
