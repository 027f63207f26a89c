import type { Schedule } from './schedule.ts';
import type { ScheduleState } from './store.ts';
import { countedMax, timesBetween } from './times.ts';

/** A time counts as kept when the job starts so soon after it: a service that is started anew misses nothing. */
export const graceMs = 5 * 60_000;

/** What a schedule has to do now. */
export interface Due {
  /** Times that came too long ago; null where there are none. */
  readonly missed: { readonly count: number; readonly last: number } | null;
  /** The time to start a job for; null where there is none. */
  readonly slot: number | null;
}

/**
 * Of several times within the grace the last one counts, for all of them. Missed ones are made up for by one run, if
 * the schedule says so and none is due anyway.
 */
export function dueOf(schedule: Schedule, { seenTo }: Pick<ScheduleState, 'seenTo'>, now: number): Due {
  const came = timesBetween(schedule, seenTo, now);
  if (came === null) return { missed: null, slot: null };
  const fresh = came.last > now - graceMs ? came.last : null;
  const missed = timesBetween(schedule, seenTo, Math.min(now, now - graceMs));
  const makesUp = missed !== null && fresh === null && schedule.missed === 'run';
  return { missed, slot: makesUp ? missed.last : fresh };
}

/** `3 times, the last of them`: for a sentence about missed times. */
export function missedWords({ count }: { readonly count: number }): string {
  if (count === 1) return 'a time';
  return count >= countedMax ? `${countedMax} times and more` : `${count} times`;
}
