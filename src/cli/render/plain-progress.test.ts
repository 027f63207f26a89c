import { describe, expect, it } from 'vitest';
import { createTracker } from '../../progress/tracker.ts';
import { plainProgress } from './plain-progress.ts';

describe('plainProgress', () => {
  it('says one line for each change, and nothing for the rest', () => {
    let clock = 0;
    const lines: string[] = [];
    const linesOf = plainProgress();
    const tracker = createTracker({
      jobId: 'job1',
      kind: 'sync',
      source: 'staging',
      target: 'production',
      now: () => clock,
      emit: (event) => lines.push(...linesOf(event)),
    });
    tracker.plan([
      { id: 'check', bytes: 0 },
      { id: 'load', bytes: 1000 },
    ]);
    tracker.step('check', 'Opening "staging"');
    clock += 400;
    tracker.step('load');
    for (let chunk = 0; chunk < 100; chunk += 1) {
      clock += 250;
      tracker.itemAdvanced('public.Part', 1, 5);
    }
    tracker.log('info', 'not for here');
    tracker.log('warn', 'One table has \u001B[31mno key');
    tracker.setState('cancelling', 'Cancelling');
    tracker.setState('cancelling', 'Cancelling');
    tracker.finish('cancelled', { message: 'production is as before.' });
    expect(lines).toMatchInlineSnapshot(`
      [
        "sync staging → production (job job1)",
        "Check both ends: Opening "staging"",
        "Check both ends: done, 0.4 s",
        "Load rows",
        "10.0 %  100 B of 1.0 kB  19 B/s  4 rows/s",
        "20.0 %  200 B of 1.0 kB  20 B/s  4 rows/s  about 40 s left",
        "30.0 %  300 B of 1.0 kB  20 B/s  4 rows/s  about 35 s left",
        "40.0 %  400 B of 1.0 kB  20 B/s  4 rows/s  about 30 s left",
        "50.0 %  500 B of 1.0 kB  20 B/s  4 rows/s  about 25 s left",
        "warn: One table has �[31mno key",
        "Cancelling",
        "Load rows: cancelled, 25 s",
      ]
    `);
  });
});
