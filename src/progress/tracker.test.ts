import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stepTitles } from './progress.ts';
import type { JobEvent, ProgressSnapshot, StepId } from './progress.ts';
import { createTracker } from './tracker.ts';
import type { Tracker } from './tracker.ts';

interface Watched {
  readonly tracker: Tracker;
  readonly snapshots: ProgressSnapshot[];
  readonly events: JobEvent[];
}

function watch(): Watched {
  const events: JobEvent[] = [];
  const snapshots: ProgressSnapshot[] = [];
  const tracker = createTracker({
    jobId: 'job1',
    kind: 'sync',
    source: 'staging',
    target: 'production',
    now: () => Date.now(),
    emit: (event) => {
      events.push(event);
      if (event.type === 'progress') snapshots.push(event.progress);
    },
  });
  return { tracker, snapshots, events };
}

const last = (snapshots: readonly ProgressSnapshot[]): ProgressSnapshot => snapshots.at(-1)!;
const megabyte = 1_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createTracker', () => {
  it('tells a job from queued to done', () => {
    const { tracker, snapshots } = watch();
    tracker.plan([
      { id: 'check', bytes: 0 },
      { id: 'export', bytes: 100 * megabyte },
      { id: 'load', bytes: 100 * megabyte },
      { id: 'clean', bytes: 0 },
    ]);
    expect(last(snapshots)).toMatchObject({ state: 'queued', startedAt: null, percent: 0, sequence: 1 });
    tracker.step('check');
    tracker.step('export', 'Reading 2 tables');
    tracker.itemStarted('public.Part', { rows: 10, bytes: 60 * megabyte });
    tracker.itemAdvanced('public.Part', 10, 60 * megabyte);
    tracker.itemDone('public.Part');
    tracker.itemAdvanced('public.Tag', 4, 40 * megabyte);
    vi.advanceTimersByTime(300);
    expect(last(snapshots)).toMatchObject({
      state: 'running',
      message: 'Reading 2 tables',
      percent: 50,
      bytesDone: 100 * megabyte,
      bytesEstimated: 200 * megabyte,
      rowsDone: 14,
      itemsDone: 1,
      itemsTotal: 2,
      items: [
        { name: 'public.Tag', state: 'active', rows: 4, bytes: 40 * megabyte },
        { name: 'public.Part', state: 'done', rows: 10, rowsEstimated: 10 },
      ],
    });
    tracker.step('load');
    expect(last(snapshots)).toMatchObject({ rowsDone: 0, items: [], percent: 50 });
    tracker.itemAdvanced('public.Part', 14, 100 * megabyte);
    vi.advanceTimersByTime(300);
    expect(last(snapshots).percent).toBe(99.9);
    tracker.finish('done', { message: 'production equals staging' });
    expect(last(snapshots)).toMatchObject({ state: 'done', percent: 100, error: null });
    expect(last(snapshots).steps.map(({ id, state }) => [id, state])).toEqual([
      ['check', 'done'],
      ['export', 'done'],
      ['load', 'done'],
    ]);
  });

  it('emits at most 4 snapshots a second while work goes on, and a trailing one', () => {
    const { tracker, snapshots } = watch();
    tracker.plan([{ id: 'load', bytes: 10_000 }]);
    tracker.step('load');
    const before = snapshots.length;
    for (let at = 0; at < 1000; at += 1) {
      tracker.itemAdvanced('t', 1, 10);
      vi.advanceTimersByTime(1);
    }
    expect(snapshots.length - before).toBeLessThanOrEqual(4);
    vi.advanceTimersByTime(250);
    expect(last(snapshots).rowsDone).toBe(1000);
    const settled = snapshots.length;
    vi.advanceTimersByTime(60_000);
    expect(snapshots.length).toBe(settled);
  });

  it('emits at once at each change of step and state', () => {
    const { tracker, snapshots } = watch();
    tracker.step('check');
    tracker.step('export');
    tracker.setState('cancelling', 'Cancelling');
    tracker.finish('cancelled', { message: 'Cancelled; production is as before.' });
    expect(snapshots.map(({ state, message }) => [state, message])).toEqual([
      ['running', stepTitles.check],
      ['running', stepTitles.export],
      ['cancelling', 'Cancelling'],
      ['cancelled', 'Cancelled; production is as before.'],
    ]);
    expect(last(snapshots).steps.at(-1)).toMatchObject({ id: 'export', state: 'cancelled' });
  });

  it('counts of a step that is taken up again its own times only', () => {
    const { tracker, snapshots } = watch();
    for (const [step, ms] of [
      ['check', 1000],
      ['export', 60_000],
      ['check', 500],
      ['check', 500],
    ] as const) {
      tracker.step(step);
      vi.advanceTimersByTime(ms);
    }
    expect(last(snapshots).steps[0]).toMatchObject({ id: 'check', state: 'running', durationMs: null });
    tracker.step('backup');
    expect(last(snapshots).steps.map(({ id, durationMs }) => [id, durationMs])).toEqual([
      ['check', 2000],
      ['export', 60_000],
      ['backup', null],
    ]);
  });

  it('says nothing more after the end', () => {
    const { tracker, snapshots } = watch();
    tracker.step('load');
    tracker.itemAdvanced('t', 1, 1);
    tracker.finish('failed', { message: 'Failed' });
    const count = snapshots.length;
    tracker.itemAdvanced('t', 1, 1);
    tracker.step('switch');
    tracker.finish('done', { message: 'no' });
    vi.advanceTimersByTime(10_000);
    expect(snapshots.length).toBe(count);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives no ETA before 10 s and 3 %, then one in coarse seconds', () => {
    const { tracker } = watch();
    tracker.plan([{ id: 'load', bytes: 1000 * megabyte }]);
    tracker.step('load');
    for (let tenth = 0; tenth < 190; tenth += 1) {
      vi.advanceTimersByTime(100);
      tracker.itemAdvanced('t', 1, megabyte);
      if (tenth < 98) expect(tracker.snapshot().etaSeconds).toBeNull();
    }
    // 190 of 1000 MB after 19 s at 10 MB/s: 81 s left, in steps of 30 s.
    expect(tracker.snapshot()).toMatchObject({ etaSeconds: 90, percent: 19 });
    expect(tracker.snapshot().bytesPerSecond! / megabyte).toBeCloseTo(10, 0);
  });

  it('gives no ETA while less than 3 % is done, however long it takes', () => {
    const { tracker } = watch();
    tracker.plan([{ id: 'load', bytes: 1000 * megabyte }]);
    tracker.step('load');
    tracker.itemAdvanced('t', 1, 29 * megabyte);
    vi.advanceTimersByTime(3_600_000);
    expect(tracker.snapshot().etaSeconds).toBeNull();
  });

  it('holds the percentage when a total turns out larger', () => {
    const { tracker, snapshots } = watch();
    tracker.plan([{ id: 'load', bytes: 100 }]);
    tracker.step('load');
    tracker.itemAdvanced('t', 1, 50);
    vi.advanceTimersByTime(300);
    expect(last(snapshots).percent).toBe(50);
    tracker.estimate('load', 1000);
    vi.advanceTimersByTime(300);
    expect(last(snapshots)).toMatchObject({ percent: 50, bytesEstimated: 1000 });
  });

  it('does not run ahead of a step whose size is not known yet', () => {
    const { tracker, snapshots } = watch();
    tracker.plan([
      { id: 'inspect', bytes: 1 },
      { id: 'load', bytes: 1 },
      { id: 'clean', bytes: 0 },
    ]);
    tracker.step('inspect');
    tracker.estimate('inspect', 1000);
    tracker.itemAdvanced('dump', 0, 1000);
    tracker.step('load');
    expect(last(snapshots)).toMatchObject({ percent: 50, bytesEstimated: 2000 });
    tracker.estimate('load', 4000);
    tracker.itemAdvanced('public.Part', 1, 3000);
    vi.advanceTimersByTime(300);
    expect(last(snapshots)).toMatchObject({ percent: 80, bytesEstimated: 5000 });
  });

  it('counts a finished step without bytes as what was expected of it', () => {
    const { tracker } = watch();
    tracker.plan([
      { id: 'build', bytes: 100 },
      { id: 'verify', bytes: 100 },
    ]);
    tracker.step('build');
    tracker.itemStarted('index a');
    tracker.itemDone('index a');
    tracker.step('verify');
    expect(tracker.snapshot()).toMatchObject({ percent: 50, bytesDone: 100 });
  });

  it('shows at most 200 items, active ones first, and counts all', () => {
    const { tracker } = watch();
    tracker.step('load');
    tracker.estimate('load', 1, null, 700);
    for (let index = 0; index < 500; index += 1) {
      tracker.itemStarted(`t${index}`);
      if (index % 10 !== 0) tracker.itemDone(`t${index}`);
    }
    const { items, itemsDone, itemsTotal } = tracker.snapshot();
    expect(items.length).toBe(200);
    expect(items.slice(0, 50).every((item) => item.state === 'active')).toBe(true);
    expect(items[50]).toMatchObject({ name: 't499', state: 'done' });
    expect([itemsDone, itemsTotal]).toEqual([450, 700]);
  });

  it('keeps what ran when the plan is made anew', () => {
    const { tracker } = watch();
    tracker.step('recover');
    tracker.plan([
      { id: 'check', bytes: 0 },
      { id: 'load', bytes: 10 },
    ]);
    expect(tracker.snapshot().steps.map(({ id, state }) => [id, state])).toEqual([
      ['recover', 'running'],
      ['check', 'waiting'],
      ['load', 'waiting'],
    ]);
  });

  it('passes logs on at once, with the time', () => {
    const { tracker, events } = watch();
    tracker.log('warn', 'One table has no key', { table: 'public.x' });
    expect(events).toEqual([
      {
        type: 'log',
        level: 'warn',
        at: Date.now(),
        message: 'One table has no key',
        fields: { table: 'public.x' },
      },
    ]);
  });

  it('never goes back, never passes 100, whatever it is told', () => {
    const stepIds = ['check', 'export', 'load', 'build', 'verify'] as const satisfies readonly StepId[];
    const step = fc.constantFrom(...stepIds);
    const bytes = fc.integer({ min: 0, max: 1_000_000 });
    const call = fc.oneof(
      fc.record({ call: fc.constant('estimate' as const), step, bytes }),
      fc.record({ call: fc.constant('step' as const), step, bytes }),
      fc.record({ call: fc.constant('advance' as const), step, bytes }),
      fc.record({ call: fc.constant('wait' as const), step, bytes: fc.integer({ min: 0, max: 5000 }) }),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), fc.array(call, { maxLength: 60 }), (planned, calls) => {
        const { tracker, snapshots } = watch();
        tracker.plan(planned.map((size, index) => ({ id: stepIds[index]!, bytes: size })));
        for (const { call: name, step: id, bytes: amount } of calls) {
          if (name === 'estimate') tracker.estimate(id, amount);
          else if (name === 'step') tracker.step(id);
          else if (name === 'advance') tracker.itemAdvanced('t', 1, amount);
          else vi.advanceTimersByTime(amount);
        }
        const beforeEnd = snapshots.length;
        tracker.finish('done', { message: 'done' });
        let previous = { percent: 0, sequence: 0, bytesDone: 0 };
        for (const [index, snapshot] of snapshots.entries()) {
          expect(snapshot.percent).toBeGreaterThanOrEqual(previous.percent);
          expect(snapshot.percent).toBeLessThanOrEqual(index < beforeEnd ? 99.9 : 100);
          expect(snapshot.sequence).toBe(previous.sequence + 1);
          expect(snapshot.bytesDone).toBeLessThanOrEqual(snapshot.bytesEstimated);
          expect(Number(snapshot.percent.toFixed(1))).toBe(snapshot.percent);
          previous = snapshot;
        }
        expect(last(snapshots).percent).toBe(100);
      }),
      { numRuns: 200 },
    );
  });
});
