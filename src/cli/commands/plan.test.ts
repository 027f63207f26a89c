import { expect, it } from 'vitest';
import { errorReport, SyncError } from '../../errors/sync-error.ts';
import { inTheWay } from './plan.ts';

it('ends a plan that cannot be carried out with the code of the first thing in its way, and repeats none', () => {
  const messages = ['Rows have no place.', 'A column is gone.'];
  const blockers = messages.map((message) => errorReport(new SyncError('TARGET_KEPT_TABLE', message)));
  const error = inTheWay({ source: 'a', target: 'b', blockers });
  expect([error?.code, error?.message]).toEqual([
    'TARGET_KEPT_TABLE',
    'A sync of a to b would fail: the plan names 2 things in its way.',
  ]);
  for (const message of messages) expect(`${error?.message} ${error?.hint}`).not.toContain(message);
  expect(inTheWay({ source: 'a', target: 'b', blockers: [] })).toBeNull();
});
