import { expect, test } from 'vitest';
import { runnable } from '../../test/harness/runnable.ts';
import { checkPublicSchema, checkRoles, checkSuperuser, otherVersions } from './check-rights.ts';
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

test('extensions that the target’s server makes in another version are told, and no others', () => {
  const available = ['ltree 1.2', 'hstore 1.8', 'citext 1.6'].map((text) => {
    const [name = '', version = ''] = text.split(' ');
    return { name, version, superuser: false, relocatable: true };
  });
  const objects = ['ltree', 'hstore', 'lacking'].map((name) => ({ kind: 'extension', name }) as const);
  const source = [
    { name: 'ltree', version: '1.3' },
    { name: 'hstore', version: '1.8' },
    { name: 'citext', version: '1.5' },
    { name: 'lacking', version: '1' },
  ];
  expect(otherVersions(objects, source, { available })).toEqual([
    'The target’s server installs other versions of extensions: ltree 1.2 (not 1.3). The command verify reports them as different.',
  ]);
  expect(otherVersions([], source, { available })).toEqual([]);
});

test('a role that may not rename schema public is told so in one sentence, where the mode makes it', () => {
  const rights = { ...role, publicSchema: { owned: false }, ownsNewPublic: false } as unknown as TargetRights;
  const names = { source: 'public', target: 'app' };
  expect(() => checkPublicSchema(names, rights, 'in-place')).toThrow(
    /^"app" does not own schema public of the target, so it cannot rename it\.$/,
  );
  expect(() => checkPublicSchema(names, rights, 'replace')).toThrow(
    /of the target, nor of a new database on this server, so it cannot rename it\.$/,
  );
});
