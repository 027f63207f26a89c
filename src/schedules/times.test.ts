import { describe, expect, it } from 'vitest';
import { dueOf, graceMs } from './due.ts';
import { scheduleSchema } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { slotJobId } from './slot-job.ts';
import { countedMax, inWords, localTime, nextTimes, timeFault, timesBetween } from './times.ts';

const berlin = 'Europe/Berlin';
const ms = (text: string): number => Date.parse(text);
const next = (cron: string, after: string, count = 3, timeZone = berlin): readonly string[] =>
  nextTimes({ cron, timeZone }, ms(after), count).map((at) => localTime(at, timeZone));

describe('the times of a schedule', () => {
  it('that do not exist come at the first moment after the gap', () => {
    expect(next('30 2 * * *', '2026-03-28T00:00:00Z')).toEqual([
      '2026-03-28 02:30 +01:00',
      '2026-03-29 03:00 +02:00',
      '2026-03-30 02:30 +02:00',
    ]);
    expect(next('0,30 2 * * *', '2026-03-29T00:00:00Z', 2)).toEqual([
      '2026-03-29 03:00 +02:00',
      '2026-03-30 02:00 +02:00',
    ]);
  });

  it('that exist twice come once, the first time', () => {
    expect(next('30 2 * * *', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25 02:30 +02:00',
      '2026-10-26 02:30 +01:00',
    ]);
    // A list of hours is fixed too.
    expect(next('30 2,14 * * *', '2026-10-24T13:00:00Z', 2)).toEqual([
      '2026-10-25 02:30 +02:00',
      '2026-10-25 14:30 +01:00',
    ]);
  });

  it('of every so many minutes follow real time through the hour that comes twice', () => {
    expect(next('*/30 * * * *', '2026-10-25T00:00:00Z', 4)).toEqual([
      '2026-10-25 02:30 +02:00',
      '2026-10-25 02:00 +01:00',
      '2026-10-25 02:30 +01:00',
      '2026-10-25 03:00 +01:00',
    ]);
  });

  it('are those of the zone, also of one with another date and half hours', () => {
    expect(next('0 0 1 * *', '2026-06-30T00:00:00Z', 1, 'Asia/Kolkata')).toEqual(['2026-07-01 00:00 +05:30']);
    expect(next('15 1 * * 7', '2026-11-30T00:00:00Z', 1, 'UTC')).toEqual(['2026-12-06 01:15 +00:00']);
    // The gap of half an hour there.
    expect(next('15 2 * * *', '2026-10-03T00:00:00Z', 2, 'Australia/Lord_Howe')).toEqual([
      '2026-10-04 02:30 +11:00',
      '2026-10-05 02:15 +11:00',
    ]);
  });

  it('are counted up to a bound, and the last one is right beyond it', () => {
    const when = { cron: '* * * * *', timeZone: 'UTC' };
    const [from, to] = [ms('2026-01-01T00:00:00Z'), ms('2026-03-01T00:00:30Z')];
    expect(timesBetween(when, from, to)).toEqual({ count: countedMax, last: ms('2026-03-01T00:00:00Z') });
    expect(timesBetween(when, from, from + 60_000)).toEqual({ count: 1, last: from + 60_000 });
    expect(timesBetween(when, from, from + 59_999)).toBeNull();
  });

  it('are told in words with their zone', () => {
    expect(inWords({ cron: '30 2 * * 1-5', timeZone: berlin })).toBe(
      'At 02:30, Monday through Friday (Europe/Berlin)',
    );
    expect(inWords({ cron: '@daily', timeZone: 'UTC' })).toBe('At 00:00 (UTC)');
    expect(inWords({ cron: '*/15 * * * *', timeZone: 'UTC' })).toBe('Every 15 minutes (UTC)');
  });

  it.each([
    ['0 0 0 * * *', 'UTC', 'cron'],
    ['61 * * * *', 'UTC', 'cron'],
    ['every night', 'UTC', 'cron'],
    ['2030-01-01T00:00:00', 'UTC', 'cron'],
    ['0 0 30 2 *', 'UTC', 'cron'],
    ['0 0 * * *', 'Mars/Base', 'timeZone'],
    ['0 0 * * *', '+02:00', 'timeZone'],
    ['0 0 * * *', '', 'timeZone'],
  ] as const)('are refused where they are none: %s in %s', (cron, timeZone, of) => {
    expect(timeFault({ cron, timeZone }, Date.now())?.of).toBe(of);
  });
});

const nightly: Schedule = {
  name: 'nightly',
  cron: '30 2 * * *',
  timeZone: 'UTC',
  kind: 'sync',
  input: { source: 'production', target: 'staging', confirm: 'staging' },
};

describe('what is due', () => {
  const at = (text: string): number => ms(`2026-12-${text}Z`);
  const due = (seenTo: string, now: string, missed: 'skip' | 'run' = 'skip'): ReturnType<typeof dueOf> =>
    dueOf({ ...nightly, missed }, { seenTo: at(seenTo) }, at(now));

  it('is nothing before the time, and nothing again after it was seen to', () => {
    expect(due('01T12:00:00', '02T02:29:59')).toEqual({ missed: null, slot: null });
    expect(due('02T02:30:00', '02T02:30:01')).toEqual({ missed: null, slot: null });
  });

  it('is the time itself, within the grace of a start anew', () => {
    expect(due('01T12:00:00', '02T02:30:00').slot).toBe(at('02T02:30:00'));
    expect(due('01T12:00:00', '02T02:34:59')).toEqual({ missed: null, slot: at('02T02:30:00') });
    expect(graceMs).toBe(300_000);
  });

  it('was missed afterwards: told, and made up for where that is said', () => {
    const missed = { count: 3, last: at('04T02:30:00') };
    expect(due('01T12:00:00', '04T09:00:00')).toEqual({ missed, slot: null });
    expect(due('01T12:00:00', '04T09:00:00', 'run')).toEqual({ missed, slot: missed.last });
  });

  it('is not made up for where the next time has come', () => {
    expect(due('01T12:00:00', '04T02:31:00', 'run')).toEqual({
      missed: { count: 2, last: at('03T02:30:00') },
      slot: at('04T02:30:00'),
    });
  });
});

describe('a schedule', () => {
  const faults = (more: object): readonly string[] =>
    scheduleSchema.safeParse({ ...nightly, ...more }).error?.issues.map(({ path }) => path.join('.')) ?? [];

  it('is taken as it stands, and confirms the target that it replaces', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ input: { ...nightly.input, confirm: 'production' } })).toEqual(['input.confirm']);
  });

  it('is refused with what is wrong in it', () => {
    expect(faults({ name: 'Nightly!' })).toEqual(['name']);
    expect(faults({ cron: 'nightly' })).toEqual(['cron']);
    expect(faults({ timeZone: 'Berlin' })).toEqual(['timeZone']);
    expect(faults({ kind: 'rollback', input: { jobId: 'x', confirm: 'x' } })).toEqual(['kind']);
    expect(faults({ input: { source: 'production' } })).toEqual(['input.target', 'input.confirm']);
  });

  it('gives each of its times one id, in the order of the times', () => {
    const [one, other] = [
      slotJobId('nightly', 1_800_000_000_000, 'sync'),
      slotJobId('nightly', 1_800_086_400_000, 'sync'),
    ];
    expect(one).toMatch(/^\d{8}t\d{6}-sync-[0-9a-z]{10}$/);
    expect(one < other).toBe(true);
    expect(slotJobId('weekly', 1_800_000_000_000, 'sync')).not.toBe(one);
    expect(slotJobId('nightly', 1_800_000_000_000, 'sync')).toBe(one);
  });
});
