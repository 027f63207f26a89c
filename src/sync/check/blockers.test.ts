import { expect, test } from 'vitest';
import { SyncError } from '../../errors/sync-error.ts';
import { Blockers } from './blockers.ts';

test('what several checks meet stands in a plan once, and the rest in the order of the checks', async () => {
  const blockers = new Blockers(new AbortController().signal);
  const lacking = (name: string) => () => {
    throw new SyncError('TARGET_PRIVILEGE', `This role may not read ${name}.`);
  };
  for (const name of ['a', 'b', 'a']) await blockers.attempt(lacking(name));
  blockers.add(new SyncError('TARGET_PRIVILEGE', 'This role may not read b.'));
  blockers.add(new SyncError('CONFLICT_LEFT_OUT', 'This role may not read b.'));
  expect(blockers.list.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'TARGET_PRIVILEGE This role may not read a.',
    'TARGET_PRIVILEGE This role may not read b.',
    'CONFLICT_LEFT_OUT This role may not read b.',
  ]);
});
