import { UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { SyncError, errorReport } from '../errors/sync-error.ts';
import { fromFailedReason, queueError, queueFact, toBullError } from './queue-error.ts';

describe('queueFact', () => {
  it.each([
    [Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new Error('WRONGPASS invalid username-password pair'), 'WRONGPASS'],
    [new Error('NOAUTH Authentication required.'), 'NOAUTH'],
    [new Error('Connection terminated unexpectedly'), 'the connection was lost'],
    [new Error('password=hunter2 somewhere'), 'the connection was lost'],
  ])('says %s without secrets', (error, fact) => {
    expect(queueFact(error)).toBe(fact);
  });

  it('says what PostgreSQL answered', () => {
    const error = Object.assign(new Error('the database system is starting up'), { code: '57P03' });
    expect(queueFact(error)).toBe('the database system is starting up (SQLSTATE 57P03)');
  });
});

describe('queueError', () => {
  it('keeps ours, and tells a lost server from a mistake of ours', () => {
    const ours = new SyncError('USAGE_NOT_FOUND', 'There is no job x.');
    expect(queueError(ours, 'Redis')).toBe(ours);
    expect(queueError(new Error('Connection is closed.'), 'Redis')).toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
    const verdict = Object.assign(new Error('Missing lock for job x. moveToFinished'), { code: -2 });
    expect(queueError(verdict, 'Redis')).toMatchObject({ code: 'INTERNAL' });
  });
});

describe('failures on their way through BullMQ', () => {
  it('come back without their details, which the job’s status has', () => {
    const report = errorReport(new SyncError('TARGET_DISK_FULL', 'No space.', { details: { table: 'x' } }));
    expect(fromFailedReason('id', toBullError(report).message)).toEqual({ ...report, details: {} });
  });

  it('are unrecoverable where running again cannot help', () => {
    const never = errorReport(new SyncError('TARGET_PRIVILEGE', 'No.'));
    const again = errorReport(new SyncError('TARGET_DISK_FULL', 'No.'));
    expect(toBullError(never)).toBeInstanceOf(UnrecoverableError);
    expect(toBullError(again)).not.toBeInstanceOf(UnrecoverableError);
  });

  it('hide text that is not ours', () => {
    const report = fromFailedReason('id', 'connect to postgresql://u:secret@h failed');
    expect(report.code).toBe('INTERNAL');
    expect(JSON.stringify(report)).not.toContain('secret');
    expect(fromFailedReason('id', 'job stalled more than allowable limit').code).toBe('JOB_WORKER_LOST');
    expect(fromFailedReason('id', '{"code":"NO_SUCH_CODE"}').code).toBe('INTERNAL');
  });
});
