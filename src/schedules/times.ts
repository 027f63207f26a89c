import { cronerPackage, cronstruePackage } from './cron-packages.ts';

/** When a schedule comes due. */
export interface When {
  /** Five fields: minute, hour, day of month, month, day of week; or a name such as @daily. */
  readonly cron: string;
  /** A name of the IANA time zone database, as `Europe/Berlin`. */
  readonly timeZone: string;
}

/**
 * The times of a schedule, by the wall clock of its zone. Where the clock goes forward and a fixed time does not exist,
 * it comes due at the first moment after the gap; where the clock goes back and a time exists twice, once, the first
 * time. What comes every so many minutes (`*`, a step of minutes) follows real time through both.
 */
function timesOf({ cron, timeZone }: When): InstanceType<ReturnType<typeof cronerPackage>['Cron']> {
  const { Cron } = cronerPackage();
  return new Cron(cron, { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
}

/** What is wrong with a time, `must be …`; null where nothing is. */
export function timeFault(
  when: When,
  now: number,
): { readonly of: keyof When; readonly fault: string } | null {
  if (!isTimeZone(when.timeZone))
    return { of: 'timeZone', fault: 'must be a time zone of the IANA database, as Europe/Berlin or UTC' };
  try {
    const times = timesOf(when);
    // The package takes a date for a time that comes once.
    if (times.getOnce() !== null) throw new Error('no pattern');
    // A pattern of a day that never comes (30 February) is one without any time.
    if (times.nextRun(new Date(now)) !== null) return null;
  } catch {
    return {
      of: 'cron',
      fault:
        'must be five fields (minute, hour, day of month, month, day of week), as "30 2 * * *", or @daily',
    };
  }
  return { of: 'cron', fault: 'must be a time that comes: this one never does' };
}

/** Names alone: an offset (+02:00) knows no daylight-saving time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The next `count` times after `after`, epoch milliseconds. */
export function nextTimes(when: When, after: number, count: number): readonly number[] {
  return timesOf(when)
    .nextRuns(count, new Date(after))
    .map((date) => date.getTime());
}

/** How many missed times are counted; more are told as so many and more. */
export const countedMax = 1_000;

/** The times after `after`, up to and with `until`: how many (at most `countedMax`), and the last; null where none. */
export function timesBetween(
  when: When,
  after: number,
  until: number,
): { readonly count: number; readonly last: number } | null {
  const times = timesOf(when);
  const first = times.nextRun(new Date(after));
  if (first === null || first.getTime() > until) return null;
  const found = times.nextRuns(countedMax, new Date(after)).map((date) => date.getTime());
  const past = found.filter((time) => time <= until);
  const last = past.at(-1) ?? first.getTime();
  if (past.length < countedMax) return { count: past.length, last };
  return { count: countedMax, last: times.previousRuns(1, new Date(until + 1))[0]?.getTime() ?? last };
}

/** `At 02:30, only on Monday (Europe/Berlin)`. */
export function inWords({ cron, timeZone }: When): string {
  const words = cronstruePackage().toString(timesOf({ cron, timeZone }).getPattern() ?? cron, {
    use24HourTimeFormat: true,
    throwExceptionOnParseError: true,
  });
  return `${words} (${timeZone})`;
}

/** `2026-12-01 02:30 +01:00`: by the clock of the zone. */
export function localTime(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((one) => one.type === type)?.value ?? '';
  const offset = part('timeZoneName').replace(/^GMT$/, 'GMT+00:00').slice('GMT'.length);
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${offset}`;
}
