import { describe, expect, it } from 'vitest';
import { needingMissing } from './missing.ts';
import type { There } from './missing.ts';

const object = (
  id: string,
  kind: string,
  more: {
    readonly partOf?: string;
    readonly dependsOn?: readonly string[];
    readonly roles?: readonly string[];
    readonly needs?: readonly string[];
  } = {},
) => ({
  id,
  kind,
  schema: 'public',
  name: id,
  identity: `${kind} ${id}`,
  partOf: more.partOf ?? null,
  dependsOn: more.dependsOn ?? [],
  roles: more.roles ?? [],
  needs: more.needs?.map((identity) => ({ kind: 'function', identity, schema: null })),
});

const there: There = {
  roles: [{ name: 'postgres' }],
  available: [{ name: 'citext' }],
  restriction: {
    schemas: ['public'],
    outside: [{ kind: 'function', identity: 'function auth.role()', schema: 'auth' }],
    beside: [],
    neighbours: [],
  },
};

describe('what needs something that the target lacks', () => {
  it('is left out with what needs it in turn, and nothing else is', () => {
    const objects = [
      object('a', 'table'),
      object('owner', 'owner', { partOf: 'a', roles: ['somebody'] }),
      object('grant', 'privileges', { partOf: 'a', roles: ['postgres', 'anon'] }),
      object('ours', 'privileges', { partOf: 'a', roles: ['postgres'] }),
      object('f', 'function', { needs: ['function auth.uid()'] }),
      object('v', 'view', { dependsOn: ['f', 'a'] }),
      object('w', 'view', { dependsOn: ['v', 'owner'] }),
      object('x', 'view', { dependsOn: ['a', 'owner', 'grant'] }),
      object('g', 'function', { needs: ['function auth.role()'] }),
      object('citext', 'extension'),
      object('postgis', 'extension'),
    ];
    expect(needingMissing(objects, there, null)).toEqual([
      'owner owner',
      'privileges grant',
      'function f',
      'extension postgis',
      'view v',
      'view w',
    ]);
  });

  it('but no table, and nothing that rows are made of', () => {
    const objects = [
      object('t', 'table', { needs: ['function auth.uid()'] }),
      object('d', 'domain', { needs: ['function auth.uid()'] }),
      object('s', 'sequence', { roles: ['nobody'] }),
      object('u', 'table', { dependsOn: ['postgis'] }),
      object('postgis', 'extension'),
      object('i', 'index', { partOf: 'u', dependsOn: ['u', 'postgis'] }),
    ];
    expect(needingMissing(objects, there, null)).toEqual(['extension postgis', 'index i']);
  });

  it('in a run about a whole database nothing lies outside', () => {
    const objects = [object('f', 'function', { needs: ['function auth.uid()'] })];
    expect(needingMissing(objects, { ...there, restriction: null }, null)).toEqual([]);
  });
});
