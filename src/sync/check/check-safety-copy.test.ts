import { expect, test } from 'vitest';
import { errorCatalogue } from '../../errors/catalogue.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { asTargetError } from './check-safety-copy.ts';

const codes = (Object.keys(errorCatalogue) as ErrorCode[]).filter((code) => code.startsWith('SOURCE_'));

test.each(codes)('%s of a target that is read is told of the target', (code) => {
  const {
    code: told,
    message,
    hint,
  } = asSyncError(asTargetError(new SyncError(code, 'What happened.'), 'dst'));
  expect(told).toMatch(/^(?:TARGET|CONFLICT_TARGET)_/);
  expect(message).toContain('safety copy of "dst"');
  if (errorCatalogue[code].retry === 'again') expect(hint).not.toMatch(/source|Another run/i);
  // Only what cannot be copied is called so.
  expect(told === 'TARGET_UNSUPPORTED').toBe(['SOURCE_OBJECT_UNSUPPORTED', 'SOURCE_EMPTY'].includes(code));
});

test('what to do about one state of the server stays said', () => {
  const thrown = Object.assign(new Error('words'), { code: '53400' });
  expect(asSyncError(asTargetError(databaseError(thrown, 'source', 'Reading'), 'dst'))).toMatchObject({
    code: 'TARGET_DISK_FULL',
    hint: expect.stringContaining('temp_file_limit'),
  });
});
