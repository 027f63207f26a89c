import { policyWithout, rolesNamed } from './map-roles.ts';
import type { RoleObject } from './map-roles.ts';

/** Statements, each with its `;`. Literals and identifiers are passed over whole. */
const statement = /(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^;"'])+;/g;

/**
 * An object of grants, or a policy, without some roles: what others were given or denied stays, what was taken from
 * PUBLIC stays taken. Null where nothing remains.
 */
export function withoutRoles<T extends RoleObject>(
  object: T,
  isMissing: (role: string) => boolean,
): T | null {
  const roles = object.roles.filter((role) => !isMissing(role));
  if (roles.length === object.roles.length) return object;
  // It is about what that role makes.
  if (object.facts.forRole !== undefined && isMissing(object.facts.forRole)) return null;
  const sql =
    object.kind === 'policy' ? policyWithout(object.sql, isMissing) : withoutGrants(object.sql, isMissing);
  return sql === null || sql === '' ? null : { ...object, sql, roles };
}

function withoutGrants(sql: string, isMissing: (role: string) => boolean): string {
  const kept: string[] = [];
  // A grantor's statements stand between SET ROLE and RESET ROLE.
  let grantor: string | null = null;
  let inBlock: string[] = [];
  for (const [text] of sql.matchAll(statement)) {
    const line = text.trim();
    const named = rolesNamed(line);
    if (line.startsWith('SET ROLE ')) {
      [grantor = null] = named;
      inBlock = [line];
    } else if (line.startsWith('RESET ROLE')) {
      if (grantor !== null && !isMissing(grantor) && inBlock.length > 1) kept.push(...inBlock, line);
      grantor = null;
    } else if (!named.some((role) => isMissing(role))) (grantor === null ? kept : inBlock).push(line);
  }
  return kept.join('\n');
}
