import { describe, expect, it } from 'vitest';
import { createTracker } from '../../progress/tracker.ts';
import type { Tracker } from '../../progress/tracker.ts';
import { renderProgress } from './progress-view.ts';
import { widthOf } from './text.ts';

let clock = 1_700_000_000_000;

/** A sync in the middle of loading rows, 65 s old. */
function loading(): Tracker {
  clock = 1_700_000_000_000;
  const tracker = createTracker({
    jobId: 'job1',
    kind: 'sync',
    source: 'staging',
    target: 'production',
    now: () => clock,
    emit: () => {},
  });
  tracker.plan([
    { id: 'check', bytes: 0 },
    { id: 'export', bytes: 1_500_000_000 },
    { id: 'load', bytes: 1_500_000_000 },
    { id: 'build', bytes: 0 },
    { id: 'switch', bytes: 0 },
  ]);
  tracker.step('check');
  clock += 400;
  tracker.step('export');
  tracker.itemAdvanced('public.Part', 100, 1_500_000_000);
  clock += 29_600;
  tracker.step('load');
  tracker.estimate('load', 1_500_000_000, null, 5);
  tracker.itemStarted('public.Part', { rows: 1_000_000, bytes: 1_000_000_000 });
  tracker.itemStarted('public."部品 \u001B[31mred"', { rows: null, bytes: null });
  for (let second = 0; second < 35; second += 1) {
    tracker.itemAdvanced('public.Part', 10_000, 20_000_000);
    clock += 1000;
    tracker.snapshot();
  }
  tracker.itemAdvanced('public."部品 \u001B[31mred"', 3, 42);
  tracker.itemStarted('public.Tag');
  tracker.itemDone('public.Tag');
  return tracker;
}

describe('renderProgress', () => {
  it('shows steps, tables in flight and totals', () => {
    const lines = renderProgress(loading().snapshot(), { columns: 100, rows: 30, color: false });
    expect(lines.join('\n')).toMatchSnapshot();
  });

  it('shows the end of a job', () => {
    const tracker = loading();
    tracker.step('switch');
    tracker.finish('done', { message: 'production now equals staging.' });
    const lines = renderProgress(tracker.snapshot(), { columns: 100, rows: 30, color: false });
    expect(lines.join('\n')).toMatchSnapshot();
  });

  it('shows a failure by sign and word', () => {
    const tracker = loading();
    tracker.finish('failed', { message: 'The target is unchanged.' });
    const lines = renderProgress(tracker.snapshot(), { columns: 60, rows: 30, color: false });
    expect(lines[0]).toMatch(/^sync staging → production \(failed\)/);
    expect(lines.some((line) => line.startsWith('✗ Load rows'))).toBe(true);
  });

  it('colours what it says, and says the same without', () => {
    const snapshot = loading().snapshot();
    const coloured = renderProgress(snapshot, { columns: 80, rows: 24, color: true }).join('\n');
    const plain = renderProgress(snapshot, { columns: 80, rows: 24, color: false }).join('\n');
    expect(coloured).toContain('\u001B[32m✓\u001B[0m');
    // oxlint-disable-next-line no-control-regex -- taking the colour codes out
    expect(coloured.replaceAll(/\u001B\[\d+m/g, '')).toBe(plain);
    expect(plain).not.toContain('\u001B');
  });

  it('stays inside any window, whatever is in it', () => {
    const tracker = loading();
    for (let index = 0; index < 300; index += 1)
      tracker.itemStarted(`public.${'long'.repeat(index % 40)}_${index}`);
    const snapshot = tracker.snapshot();
    for (const columns of [1, 20, 21, 40, 79, 80, 200]) {
      for (const rows of [1, 4, 5, 8, 12, 24, 60]) {
        const lines = renderProgress(snapshot, { columns, rows, color: false });
        expect(lines.length).toBeLessThan(Math.max(4, rows));
        for (const line of lines) expect(widthOf(line)).toBeLessThan(Math.max(20, columns));
      }
    }
  });

  it('keeps the running step in the smallest window', () => {
    const lines = renderProgress(loading().snapshot(), { columns: 60, rows: 8, color: false });
    expect(lines.map((line) => line.trim().replace(/ {2,}.*$/, ''))).toEqual(
      expect.arrayContaining(['✓ 2 steps done', '▸ Load rows', '· 2 steps to come']),
    );
  });

  it('lets the clock run between snapshots', () => {
    const snapshot = loading().snapshot();
    const [head] = renderProgress(snapshot, {
      columns: 60,
      rows: 20,
      color: false,
      now: (snapshot.startedAt ?? 0) + 125_000,
    });
    expect(head).toMatch(/2 min 05 s$/);
  });
});
