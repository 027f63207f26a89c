import { describe, expect, it } from 'vitest';
import {
  byteRateInWords,
  bytesInWords,
  coarseSeconds,
  counted,
  countInWords,
  durationInWords,
  etaInWords,
  rowRateInWords,
} from './words.ts';

describe('words', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [128e9, '128 GB'],
    [5e18, '5000 PB'],
  ])('bytes %d: %s', (bytes, words) => {
    expect(bytesInWords(bytes)).toBe(words);
  });

  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
    [12.6, '13'],
  ])('count %d: %s', (count, words) => {
    expect(countInWords(count)).toBe(words);
  });

  it.each([
    [0.04, '0.0 s'],
    [0.44, '0.4 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [125, '2 min 05 s'],
    [3599.9, '1 h 00 min'],
    [3_780, '1 h 03 min'],
  ])('duration %d: %s', (seconds, words) => {
    expect(durationInWords(seconds)).toBe(words);
  });

  it.each([
    [null, ''],
    [1, 'about 5 s left'],
    [41, 'about 40 s left'],
    [59, 'about 1 min left'],
    [100, 'about 2 min left'],
    [730, 'about 12 min left'],
    [3601, 'about 1 h left'],
    [5400, 'about 1 h 30 min left'],
  ])('eta %s: %s', (seconds, words) => {
    expect(etaInWords(seconds)).toBe(words);
  });

  it('counts things', () => {
    expect([counted(0, 'row'), counted(1, 'row'), counted(2000, 'row')]).toEqual([
      '0 rows',
      '1 row',
      '2,000 rows',
    ]);
  });

  it('rates carry their units', () => {
    expect(byteRateInWords(12_340_000)).toBe('12.3 MB/s');
    expect(rowRateInWords(48_211.4)).toBe('48,211 rows/s');
  });

  it('coarse seconds stay the same when made coarse again', () => {
    for (let seconds = 0; seconds < 20_000; seconds += 7) {
      const once = coarseSeconds(seconds);
      expect(coarseSeconds(once)).toBe(once);
      expect(once).toBeGreaterThan(0);
    }
  });
});
