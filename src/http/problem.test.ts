import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../errors/catalogue.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { SyncError } from '../errors/sync-error.ts';
import { loggableError, problemOf, problemSchema } from './problem.ts';
import { httpStatus } from './status.ts';

describe('problemOf', () => {
  it('shows a SyncError as it is', () => {
    const error = new SyncError('CONFLICT_TARGET_BUSY', 'staging is being written.', {
      details: { job: 'j1' },
    });
    expect(problemOf(error, 'r1')).toEqual({
      type: '/docs#CONFLICT_TARGET_BUSY',
      title: 'Conflict',
      status: 409,
      detail: 'staging is being written.',
      code: 'CONFLICT_TARGET_BUSY',
      hint: errorCatalogue.CONFLICT_TARGET_BUSY.hint,
      details: { job: 'j1' },
      requestId: 'r1',
    });
  });

  it('shows nothing of an error that is not ours', () => {
    const problem = problemOf(new TypeError('connect postgres://u:secret@h/d'));
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(problemOf('secret').code).toBe('INTERNAL');
  });

  it.each([
    ['entity.parse.failed', 400, 'USAGE_INVALID'],
    ['entity.too.large', 413, 'USAGE_BODY_TOO_LARGE'],
    ['encoding.unsupported', 415, 'USAGE_INVALID'],
  ])('translates the body parser’s %s', (type, status, code) => {
    const error = Object.assign(new Error('Unexpected token s in secret'), { type, status });
    expect(problemOf(error).code).toBe(code);
    expect(JSON.stringify(problemOf(error))).not.toContain('secret');
  });

  it('is valid for every code, with an error status', () => {
    for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
      problemSchema.parse(problemOf(new SyncError(code, 'x')));
      expect(httpStatus(code)).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('loggableError', () => {
  it('keeps the class and places of a foreign error, never its message', () => {
    const cause = Object.assign(new Error('row (secret)'), { code: 'ECONNRESET' });
    const logged = loggableError(new SyncError('INTERNAL', 'Unexpected.', { cause }));
    expect(logged).toMatchObject({ code: 'INTERNAL', cause: { type: 'Error', code: 'ECONNRESET' } });
    expect(JSON.stringify(logged)).toContain('problem.test.ts');
    expect(JSON.stringify(logged)).not.toContain('secret');
  });
});
