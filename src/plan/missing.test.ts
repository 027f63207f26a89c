import { describe, expect, it } from 'vitest';
import { withoutMissing } from './missing.ts';
import type { There } from './missing.ts';

const object = (
  id: string,
  kind: string,
  more: {
    readonly partOf?: string;
    readonly dependsOn?: readonly string[];
    readonly roles?: readonly string[];
    readonly needs?: readonly string[];
    readonly sql?: string;
  } = {},
) => ({
  id,
  kind,
  sql: more.sql ?? '',
  facts: {},
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
  standIns: { deputy: 'postgres' },
};

const needingMissing = (...input: Parameters<typeof withoutMissing>): readonly string[] =>
  withoutMissing(...input).out;

describe('what needs something that the target lacks', () => {
  it('is left out with what needs it in turn, and nothing else is', () => {
    const objects = [
      object('a', 'table'),
      object('owner', 'owner', { partOf: 'a', roles: ['somebody'] }),
      object('grant', 'privileges', { partOf: 'a', roles: ['anon'], sql: 'GRANT SELECT ON "a" TO "anon";' }),
      object('deputy', 'owner', { partOf: 'a', roles: ['deputy'] }),
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

  it('keeps what is for others, and what was taken from everybody', () => {
    const grants =
      'REVOKE ALL ON FUNCTION "f;"() FROM PUBLIC;\nGRANT EXECUTE ON FUNCTION "f;"() TO "anon";\n' +
      'SET ROLE "anon";\nGRANT EXECUTE ON FUNCTION "f;"() TO "postgres";\nRESET ROLE;\n' +
      'GRANT EXECUTE ON FUNCTION "f;"() TO "postgres" WITH GRANT OPTION;';
    const policy = (to: string): string =>
      `CREATE POLICY "p" ON "s"."t" AS RESTRICTIVE\n  FOR ALL TO ${to}\n  USING (("a" = 'TO "anon"'::text));`;
    const objects = [
      object('f', 'privileges', { roles: ['anon', 'postgres'], sql: grants }),
      object('p', 'policy', { roles: ['anon', 'postgres'], sql: policy('"anon", "postgres"') }),
      object('q', 'policy', { roles: ['anon'], sql: policy('"anon"') }),
    ];
    const found = withoutMissing(objects, there, null);
    expect(found.out).toEqual(['policy q']);
    expect(found.objects.slice(0, 2).map(({ sql, roles }) => [sql, roles])).toEqual([
      [
        'REVOKE ALL ON FUNCTION "f;"() FROM PUBLIC;\n' +
          'GRANT EXECUTE ON FUNCTION "f;"() TO "postgres" WITH GRANT OPTION;',
        ['postgres'],
      ],
      [policy('"postgres"'), ['postgres']],
    ]);
    expect(found.narrowed.map(({ identity }) => identity)).toEqual(['privileges f', 'policy p']);
  });

  it('in a run about a whole database nothing lies outside', () => {
    const objects = [object('f', 'function', { needs: ['function auth.uid()'] })];
    expect(needingMissing(objects, { ...there, restriction: null }, null)).toEqual([]);
  });
});
