import { expect, test } from 'vitest';
import { spread, tableOf } from './report.ts';

test('medians, with an even number of runs too', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([4, 1, 2, 3]).median).toBe(2.5);
});

test('ratios are made within a round, against the first peer of the same work', () => {
  const runs = (...seconds: readonly number[]) =>
    seconds.map((one) => ({ seconds: one, ours: 1, servers: 2, peakMiB: 100 }));
  const table = tableOf([
    { work: 'export', name: 'export', who: 'ours', runs: runs(1, 4, 3) },
    { work: 'export', name: 'pg_dump', who: 'peer', runs: runs(2, 2, 2) },
    { work: 'import', name: 'import', who: 'ours', runs: runs(1) },
  ]);
  expect(table.split('\n').slice(2)).toEqual([
    '| export | export | 3.00 | 1.00 – 4.00 | 1.00 | 2.00 | 100 | 1.50 (0.50 – 2.00) |',
    '| export | pg_dump | 2.00 | 2.00 – 2.00 | 1.00 | 2.00 | 100 |  |',
    '| import | import | 1.00 | 1.00 – 1.00 | 1.00 | 2.00 | 100 |  |',
  ]);
});
