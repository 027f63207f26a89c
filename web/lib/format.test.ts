import { describe, expect, it } from 'vitest';
import { bytes, counted, duration, relative, timeLeft } from './format.ts';

describe('numbers and times in words', () => {
  it('writes sizes and counts', () => {
    expect([null, 0, 999, 1_000, 4_200_000, 2e15].map(bytes)).toEqual([
      '–',
      '0 B',
      '999 B',
      '1.0 kB',
      '4.2 MB',
      '2000.0 TB',
    ]);
    expect([counted(1, 'row'), counted(1_200, 'row')]).toEqual(['1 row', '1,200 rows']);
  });

  it('writes durations exactly and time left coarsely', () => {
    expect([300, 59_900, 61_000, 3_723_000].map(duration)).toEqual([
      '0.3 s',
      '59.9 s',
      '1 min 01 s',
      '1 h 02 min 03 s',
    ]);
    expect([null, 59, 700, 3 * 3600].map(timeLeft)).toEqual([
      'time left not known yet',
      'less than a minute left',
      'about 12 min left',
      'about 3 h left',
    ]);
  });

  it('tells how long ago, and how soon', () => {
    const now = 1_800_000_000_000;
    const seconds = [0, -9, -42, -125, -3 * 3600, -3 * 86_400, 4, 7_300];
    expect(seconds.map((one) => relative(now + one * 1000, now))).toEqual([
      'just now',
      'just now',
      '42 s ago',
      '2 min ago',
      '3 h ago',
      '3 d ago',
      'in a moment',
      'in 2 h',
    ]);
  });
});
