import { expect, test } from 'vitest';
import { runnable } from '../../test/sync/runnable.ts';
import { checkSuperuser } from './check-rights.ts';
import type { TargetRights } from './target-rights.ts';

const role: Pick<TargetRights, 'role' | 'superuser' | 'privileged' | 'available'> = {
  role: 'app',
  superuser: false,
  privileged: false,
  available: [],
};

test('a change of an extension’s member is named to a role that may not make it, and stops no plan by itself', () => {
  const change = {
    ...runnable({ kind: 'extension member', section: 'pre-data', sql: '', name: 'f' }),
    superuser: true,
  };
  const language = {
    ...runnable({ kind: 'language', section: 'pre-data', sql: '', name: 'l' }),
    superuser: true,
  };
  expect(checkSuperuser([change], role)).toEqual([expect.stringContaining('extension member f')]);
  expect(checkSuperuser([change], { ...role, superuser: true })).toEqual([]);
  expect(() => checkSuperuser([change, language], role)).toThrow(/1 object\(s\): language l\./);
});
