import { describe, expect, it } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import type { ObjectFacts } from './object-facts.ts';
import { mapRoles } from './map-roles.ts';

const object = (kind: string, sql: string, roles: readonly string[], facts: ObjectFacts = {}) => ({
  kind,
  name: 'n',
  identity: 'x',
  sql,
  roles,
  facts,
});
const map = { a: 'b "c"', z: 'b' };

describe('mapRoles', () => {
  it.each([
    ['owner', 'ALTER TABLE "public"."a" OWNER TO "a";', 'ALTER TABLE "public"."a" OWNER TO "b ""c""";'],
    [
      'privileges',
      'GRANT SELECT ("a") ON TABLE "s"."TO ""a""" TO "a" WITH GRANT OPTION;\nSET ROLE "a";\nREVOKE ALL ON FUNCTION "s"."f"(x text) FROM PUBLIC;\nRESET ROLE;',
      'GRANT SELECT ("a") ON TABLE "s"."TO ""a""" TO "b ""c""" WITH GRANT OPTION;\nSET ROLE "b ""c""";\nREVOKE ALL ON FUNCTION "s"."f"(x text) FROM PUBLIC;\nRESET ROLE;',
    ],
    [
      'policy',
      `CREATE POLICY "TO ""a""" ON "s"."a" AS PERMISSIVE\n  FOR ALL TO "a", "b", "z"\n  USING (("a" = 'TO "a"'::text));`,
      `CREATE POLICY "TO ""a""" ON "s"."a" AS PERMISSIVE\n  FOR ALL TO "b", "b ""c"""\n  USING (("a" = 'TO "a"'::text));`,
    ],
    [
      'user mapping',
      `CREATE USER MAPPING FOR "a" SERVER "a" OPTIONS ("user" 'FOR "a"');`,
      `CREATE USER MAPPING FOR "b ""c""" SERVER "a" OPTIONS ("user" 'FOR "a"');`,
    ],
  ])('puts the target’s role into a statement of kind %s, and nowhere else', (kind, sql, mapped) => {
    expect(mapRoles(object(kind, sql, ['a']), map)).toMatchObject({ sql: mapped, roles: ['b "c"'] });
  });

  it('says it in the identity and the facts too', () => {
    const before = object('privileges', '', ['a', 'z'], { forRole: 'a', grantors: ['z', 'y'] });
    const { identity, name, facts } = mapRoles(
      { ...before, name: 'a', identity: 'default privileges of role a on tables in schema a' },
      map,
    );
    expect(identity).toBe('default privileges of role "b ""c""" on tables in schema a');
    expect([name, facts]).toEqual(['b "c"', { forRole: 'b "c"', grantors: ['b', 'y'] }]);
  });

  it('leaves what names no mapped role as it is, and refuses kinds in which roles stand elsewhere', () => {
    const other = object('owner', 'ALTER TABLE "t" OWNER TO "other";', ['other']);
    expect(mapRoles(other, map)).toBe(other);
    expect(() => mapRoles(object('subscription', '', ['a']), map)).toThrow(SyncError);
  });
});
