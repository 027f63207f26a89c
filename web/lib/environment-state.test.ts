import { describe, expect, it } from 'vitest';
import type { JobSummary } from '../api/types.ts';
import { environmentState, runsAhead, usualDuration } from './environment-state.ts';

/** As much of a job as is looked at. */
const job = (id: string, part: Partial<JobSummary>): JobSummary =>
  ({
    id,
    kind: 'sync',
    state: 'done',
    source: 'production',
    target: 'staging',
    createdAt: 0,
    startedAt: 0,
    finishedAt: 1000,
    ...part,
  }) as JobSummary;

describe('environmentState', () => {
  it('tells the last write that stands, not a later run that failed or only compared', () => {
    const jobs = [
      job('5', { kind: 'verify' }),
      job('4', { state: 'failed' }),
      job('3', { kind: 'rollback', source: null }),
      job('2', {}),
    ];
    const { written, last } = environmentState('staging', jobs);
    expect([written?.id, last?.id]).toEqual(['3', '5']);
    const source = environmentState('production', jobs);
    expect([source.written, source.read?.id]).toEqual([null, '5']);
  });

  it('lists what is open, the oldest first', () => {
    const jobs = [job('3', { state: 'queued' }), job('2', { state: 'running' }), job('1', {})];
    expect(environmentState('staging', jobs).open.map(({ id }) => id)).toEqual(['2', '3']);
  });
});

describe('runsAhead', () => {
  it('counts those of the same target that were asked for before', () => {
    const last = job('4', { state: 'queued', createdAt: 4 });
    const running = job('2', { state: 'running', createdAt: 2 });
    const jobs = [
      last,
      job('3', { state: 'queued', createdAt: 3 }),
      job('other', { state: 'running', target: 'qa', createdAt: 2 }),
      running,
      job('1', { createdAt: 1 }),
    ];
    expect(runsAhead(last, jobs).map(({ id }) => id)).toEqual(['2', '3']);
    expect(runsAhead(running, jobs)).toEqual([]);
  });
});

describe('usualDuration', () => {
  it('is the middle of the last five like it, and not known where there is none', () => {
    const took = [9, 2, 8, 1, 3, 100].map((seconds, index) =>
      job(String(index), { startedAt: 1000, finishedAt: 1000 + seconds * 1000 }),
    );
    const asked = { kind: 'sync', source: 'production', target: 'staging' } as const;
    expect(usualDuration(asked, took)).toEqual({ ms: 3000, runs: 5 });
    expect(usualDuration({ ...asked, target: 'qa' }, took)).toBeNull();
  });
});
