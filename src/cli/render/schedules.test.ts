import { describe, expect, it } from 'vitest';
import type { ScheduleView } from '../../schedules/schedules.ts';
import { renderSchedule, renderSchedules } from './schedules.ts';

const first = Date.parse('2026-12-02T01:30:00Z');

const nightly: ScheduleView = {
  name: 'nightly',
  from: 'file',
  place: 'multiboard-sync.config.yaml:12',
  kind: 'sync',
  input: { source: 'production', target: 'staging', confirm: 'staging' },
  source: 'production',
  target: 'staging',
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  words: 'At 02:30 (Europe/Berlin)',
  missed: 'skip',
  paused: null,
  next: [first, first + 86_400_000],
  skip: first,
  events: [
    {
      slot: first - 86_400_000,
      at: first,
      what: 'skipped',
      jobId: null,
      message: 'Left out: \u001B[2Jbusy.',
    },
  ],
};

describe('renderSchedules', () => {
  it('has a line for each, with the next time that is not left out', () => {
    const dump: ScheduleView = { ...nightly, name: 'dump', kind: 'export', target: null, paused: 'person' };
    expect(renderSchedules([nightly, { ...dump, events: [] }], { color: false })).toMatchInlineSnapshot(`
      "Name     What                       When                      Next                     Last
      nightly  sync production → staging  At 02:30 (Europe/Berlin)  2026-12-03 02:30 +01:00  skipped
      dump     export production          At 02:30 (Europe/Berlin)  paused                   -
      "
    `);
    expect(renderSchedules([], { color: false })).toBe('There is no schedule.\n');
  });
});

describe('renderSchedule', () => {
  it('tells when it comes, where it stands and what became of the last times', () => {
    expect(renderSchedule(nightly)).toMatchInlineSnapshot(`
      "Schedule      nightly
      What          sync production → staging
      Asks for      {"source":"production","target":"staging","confirm":"staging"}
      When          At 02:30 (Europe/Berlin), from 30 2 * * *
      Missed times  told, and left out
      Stands in     multiboard-sync.config.yaml:12
      Next          2026-12-02 02:30 +01:00, left out
                    2026-12-03 02:30 +01:00
      Last          2026-12-01 02:30 +01:00  Left out: �[2Jbusy.
      "
    `);
  });
});
