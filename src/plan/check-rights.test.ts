import { expect, test } from 'vitest';
import { runnable } from '../../test/sync/runnable.ts';
import { checkRoles, checkSuperuser } from './check-rights.ts';
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

test('roles that only policies name are told with them, and no option for owners is advised', () => {
  const rights = { roles: [] } as unknown as TargetRights;
  const named = (kind: string) => ({
    ...runnable({ kind, section: 'post-data', sql: '', name: kind }),
    roles: ['anon'],
  });
  const faultOf = (kinds: readonly string[]): unknown => {
    try {
      checkRoles(kinds.map(named), rights);
      return null;
    } catch (error) {
      return error;
    }
  };
  expect(faultOf(['owner', 'policy'])).toMatchObject({
    message: 'The target’s server lacks 1 role(s): anon. Named by policy policy.',
    hint: expect.stringContaining('--map-role'),
  });
  expect(faultOf(['owner'])).toMatchObject({
    message: 'The target’s server lacks 1 role(s): anon.',
    hint: expect.stringContaining('--no-owner'),
  });
});
