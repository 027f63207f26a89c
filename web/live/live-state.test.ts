import { describe, expect, it } from 'vitest';
import type { Job, Progress } from '../api/types.ts';
import { liveStart, withNews } from './live-state.ts';
import type { LiveState } from './live-state.ts';
import { allLines, mergedJob } from './merged-job.ts';
import type { News } from './news.ts';

const snapshot = (sequence: number, rows: number, part: Partial<Progress> = {}): Progress => ({
  jobId: 'j',
  kind: 'sync',
  state: 'running',
  sequence,
  startedAt: 0,
  updatedAt: sequence * 1000,
  source: 'a',
  target: 'b',
  steps: [{ id: 'load', title: 'Load rows', state: 'running', startedAt: 0, durationMs: null }],
  items: [
    {
      name: 'public.Part',
      state: 'active',
      rows,
      rowsEstimated: 100,
      bytes: rows * 10,
      bytesEstimated: 1000,
    },
  ],
  itemsDone: 0,
  itemsTotal: 1,
  bytesDone: 0,
  bytesEstimated: 0,
  rowsDone: rows,
  rowsEstimated: null,
  percent: sequence,
  bytesPerSecond: 5,
  rowsPerSecond: null,
  etaSeconds: null,
  message: '',
  error: null,
  ...part,
});

const told = (news: readonly (readonly [News, number])[]): LiveState =>
  news.reduce((state, [one, at]) => withNews(state, { news: one, at }), liveStart);
const progress = (one: Progress): News => ({ type: 'progress', progress: one });

describe('what the stream tells', () => {
  it('keeps the newest snapshot, the speed of each table, and since when it stands still', () => {
    const state = told([
      [progress(snapshot(1, 10)), 1000],
      [progress(snapshot(3, 50)), 3000],
      [progress(snapshot(2, 20)), 3100],
      [progress(snapshot(4, 50)), 9000],
    ]);
    expect(state.progress?.sequence).toBe(4);
    const item = state.items.get('public.Part');
    expect([item?.rows, item?.movedAt, item?.rowsPerSecond]).toEqual([50, 3000, 0]);
    expect(state.samples.map(({ at }) => at)).toEqual([1000, 3000, 4000]);
  });

  it('begins its tables anew with each step', () => {
    const steps = [
      { id: 'verify', title: 'Verify', state: 'running', startedAt: 0, durationMs: null },
    ] as const;
    const state = told([
      [progress(snapshot(1, 10)), 1000],
      [progress(snapshot(2, 0, { steps, items: [] })), 2000],
    ]);
    expect(state.items.size).toBe(0);
  });

  it('says that the connection is lost until it is there again', () => {
    const lost = told([[{ type: 'lost', seconds: 3 }, 1000]]);
    expect(lost.lostFor).toBe(3);
    expect(withNews(lost, { news: { type: 'open' }, at: 2000 }).lostFor).toBeNull();
  });

  it('keeps a chart of a long run small', () => {
    const many = Array.from(
      { length: 5000 },
      (_, index) => [progress(snapshot(index + 1, 0)), index] as const,
    );
    const { samples } = told(many);
    expect(samples.length).toBeLessThanOrEqual(1200);
    expect(samples.at(-1)?.at).toBe(5_000_000);
  });
});

describe('mergedJob', () => {
  /** As much of a job as is looked at. */
  const read = { id: 'j', kind: 'sync', state: 'running', progress: snapshot(5, 0), undo: null } as Job;

  it('takes the newest snapshot, and never goes back to a state that is over', () => {
    expect(mergedJob({ ...read, state: 'queued' }, { told: null, progress: snapshot(6, 0) })).toMatchObject({
      state: 'running',
      progress: { sequence: 6 },
    });
    const cancelling = mergedJob({ ...read, state: 'cancelling' }, { told: read, progress: snapshot(4, 0) });
    expect(cancelling).toMatchObject({ state: 'cancelling', progress: { sequence: 5 } });
  });

  it('has ended when its end is told, not with the snapshot before', () => {
    const last = snapshot(7, 0, { state: 'done' });
    expect(mergedJob(read, { told: null, progress: last })?.state).toBe('running');
    const { undo: _, ...end } = { ...read, state: 'done', progress: last } as const;
    expect(mergedJob(read, { told: end, progress: last })?.state).toBe('done');
  });
});

describe('allLines', () => {
  it('shows a line once that came both ways', () => {
    const line = (at: number) => ({ at, level: 'info', message: 'x', fields: {} }) as const;
    expect(allLines([line(1), line(2)], [line(2), line(3)]).map(({ at }) => at)).toEqual([1, 2, 3]);
  });
});
