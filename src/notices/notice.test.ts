import { describe, expect, it } from 'vitest';
import { SyncError, errorReport } from '../errors/sync-error.ts';
import { pageAddresses } from '../http/page-addresses.ts';
import type { PageAddress } from '../http/page-addresses.ts';
import type { JobView } from '../jobs/job-view.ts';
import { takes } from './channel.ts';
import { eventsOf } from './events.ts';
import type { EarlierJob } from './events.ts';
import { noticeOfJob, noticeOfSchedule } from './notice.ts';

const planted = 'postgresql://me:S3CR3T@db.example.org/app Key (email)=(ada@example.org)';

const failed: JobView = {
  id: '20261202t013000-sync-0a1b2c3d4e',
  kind: 'sync',
  state: 'failed',
  request: { kind: 'sync', input: { source: 'production', target: 'staging', confirm: 'staging' } },
  source: 'production',
  target: 'staging',
  actor: planted,
  trigger: { by: 'schedule', schedule: 'nightly', slot: 1 },
  progress: null,
  receipt: null,
  error: errorReport(
    new SyncError('TARGET_STATEMENT_FAILED', planted, { hint: planted, details: { row: planted } }),
  ),
  shortened: false,
  createdAt: 0,
  startedAt: 1_000,
  finishedAt: 61_000,
  attempts: 1,
  retryOf: null,
};

describe('a notice', () => {
  it('tells what failed in our own words, with a link, and nothing of rows, addresses and people', () => {
    const notice = noticeOfJob('failure', failed, { publicUrl: 'https://sync.example.org/', at: 61_000 });
    expect(notice).toMatchObject({
      title: 'Failed: sync production → staging',
      environments: ['production', 'staging'],
      schedule: 'nightly',
      link: 'https://sync.example.org/runs/20261202t013000-sync-0a1b2c3d4e',
      job: { error: 'TARGET_STATEMENT_FAILED', seconds: 60 },
    });
    // An address that the page knows.
    const address: PageAddress = '/runs/:id';
    expect(new URL(notice.link ?? '').pathname).toBe(address.replace(':id', failed.id));
    expect(pageAddresses).toContain(address);
    expect(notice.lines[0]).toBe('TARGET_STATEMENT_FAILED.');
    expect(JSON.stringify(notice)).not.toMatch(/S3CR3T|ada@|db\.example/);
  });

  it('of a job that was not let in does not repeat why', () => {
    const told = { slot: 5, at: 6, what: 'refused' as const, jobId: null, message: planted };
    const schedule = { name: 'nightly', kind: 'sync', source: 'production', target: 'staging' };
    const notice = noticeOfSchedule('failure', schedule, told, { publicUrl: null });
    expect(JSON.stringify(notice)).not.toMatch(/S3CR3T|ada@/);
    expect(notice.title).toBe('Failed: nightly (sync production → staging)');
  });
});

describe('what people are told of an end', () => {
  const job = (state: JobView['state'], more: Partial<EarlierJob> = {}): EarlierJob => ({
    ...failed,
    error: null,
    state,
    ...more,
  });
  const differing = { receipt: { type: 'verify', equal: false } } as Partial<EarlierJob>;

  it.each([
    ['a failure', job('failed'), [job('done')], ['failure']],
    ['a time limit', job('cancelled', { error: { code: 'TIMED_OUT' } }), [], ['failure']],
    ['what a person stopped', job('cancelled', { error: { code: 'CANCELLED' } }), [], []],
    ['a comparison that found a difference', job('done', differing), [], ['failure']],
    ['the first success', job('done'), [], ['firstSuccess']],
    ['the first success, after failures', job('done'), [job('failed')], ['recovery', 'firstSuccess']],
    ['a success after a failure', job('done'), [job('failed'), job('done')], ['recovery']],
    [
      'a success after one that was stopped',
      job('done'),
      [job('cancelled'), job('failed'), job('done')],
      ['recovery'],
    ],
    ['one success more', job('done'), [job('done'), job('failed')], []],
    ['an undo', job('done', { kind: 'rollback' }), [], ['undo']],
    ['one that runs', job('running'), [], []],
  ] as const)('%s', (_what, end, earlier, events) => {
    expect(eventsOf(end, earlier)).toEqual(events);
  });
});

describe('a channel', () => {
  it('takes what it names, of the environments it names', () => {
    const filter = { name: 'ops', events: ['failure'] as const, environments: ['staging'] };
    expect(takes(filter, 'failure', ['production', 'staging'])).toBe(true);
    expect(takes(filter, 'failure', ['production', 'dev'])).toBe(false);
    expect(takes(filter, 'undo', ['staging'])).toBe(false);
    expect(takes({ name: 'all', events: null, environments: null }, 'stall', ['dev'])).toBe(true);
  });
});
