import { SyncError } from '../errors/sync-error.ts';
import { quoteIdentifier } from '../postgres/identifiers.ts';
import { displayName } from './display-name.ts';
import type { ObjectFacts } from './object-facts.ts';
import { withDefinition } from './extensions/guarded.ts';

/** What of an object says which roles it is about. */
export interface RoleObject {
  readonly kind: string;
  readonly name: string;
  readonly identity: string;
  readonly sql: string;
  readonly roles: readonly string[];
  readonly facts: ObjectFacts;
}

/** Role of the source → role of the target that stands for it. */
export type RoleMap = Readonly<Record<string, string>>;

/** Kinds whose statements this project writes itself, so that it knows where roles stand in them. */
const mappable = new Set(['owner', 'privileges', 'policy', 'user mapping']);

/**
 * An object with the target's roles in place of the source's. Roles stand only in statements of our own making, always
 * quoted: after OWNER TO, TO, FROM, ROLE, and FOR of a user mapping; in a policy before its expressions, which are left
 * alone. TARGET_ROLE_MISSING for a kind in which it is not known where.
 */
export function mapRoles<T extends RoleObject>(object: T, map: RoleMap): T {
  const mapped = object.roles.filter((role) => Object.hasOwn(map, role));
  if (mapped.length === 0) return object;
  if (!isMappable(object)) {
    throw new SyncError(
      'TARGET_ROLE_MISSING',
      `${object.identity} names the role ${mapped.join(', ')}, and roles of that kind of object cannot be mapped.`,
      { details: { roles: mapped }, hint: 'Create the role on the target server, or leave the object out.' },
    );
  }
  const name = (role: string): string => (Object.hasOwn(map, role) ? (map[role] ?? role) : role);
  return {
    ...object,
    sql:
      object.kind === 'policy'
        ? withDefinition(object.sql, (sql) => mapPolicy(sql, name))
        : mapStatement(object.sql, name),
    identity: mapIdentity(object.identity, name),
    name: object.facts.forRole === undefined ? object.name : name(object.name),
    facts: mapFacts(object.facts, name),
    roles: [...new Set(object.roles.map(name))].sort(),
  };
}

function mapFacts(facts: ObjectFacts, name: (role: string) => string): ObjectFacts {
  const { forRole, grantors } = facts;
  return {
    ...facts,
    ...(forRole === undefined ? {} : { forRole: name(forRole) }),
    ...(grantors === undefined ? {} : { grantors: [...new Set(grantors.map(name))] }),
  };
}

/** Whether roles in it can be mapped. */
export function isMappable({ kind }: { readonly kind: string }): boolean {
  return mappable.has(kind);
}

/**
 * Literals, dollar-quoted texts and comments are passed over whole; an identifier is captured with the word before it.
 */
const roleAfterKeyword =
  /'(?:[^']|'')*'|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1|(\b(?:TO|FROM|ROLE|MAPPING FOR)\s+)"((?:[^"]|"")*)"|"(?:[^"]|"")*"/g;

function mapStatement(sql: string, name: (role: string) => string): string {
  return sql.replaceAll(
    roleAfterKeyword,
    (whole: string, _tag: unknown, keyword: string | undefined, role: string | undefined) =>
      keyword === undefined || role === undefined
        ? whole
        : `${keyword}${quoteIdentifier(name(role.replaceAll('""', '"')))}`,
  );
}

/** Roles that a statement names as grantor, grantee, or whose objects it is about. */
export function rolesNamed(sql: string): readonly string[] {
  return [...sql.matchAll(roleAfterKeyword)].flatMap(([, , , role]) =>
    role === undefined ? [] : [role.replaceAll('""', '"')],
  );
}

/** A policy without some of its roles; null where it was for no other. */
export function policyWithout(sql: string, isMissing: (role: string) => boolean): string | null {
  let remaining = 0;
  const narrowed = withDefinition(sql, (text) =>
    text.replace(policyHead, (_whole, head: string, list: string) => {
      const left = rolesOfList(list).filter((role) => !isMissing(role));
      remaining = left.length;
      return head + left.map(quoteIdentifier).join(', ');
    }),
  );
  return remaining === 0 ? null : narrowed;
}

function rolesOfList(list: string): readonly string[] {
  return [...list.matchAll(/"((?:[^"]|"")*)"/g)].map(([, role]) => (role ?? '').replaceAll('""', '"'));
}

/** `CREATE POLICY "p" ON "s"."t" AS … FOR … TO "a", PUBLIC, "b"`, then a line break and the expressions, or the end. */
const policyHead =
  /^((?:SET search_path TO [^;]*;\n)?CREATE POLICY "(?:[^"]|"")*" ON "(?:[^"]|"")*"\."(?:[^"]|"")*" AS \w+\s+FOR \w+ TO )((?:(?:"(?:[^"]|"")*"|PUBLIC)(?:, )?)+)/;

function mapPolicy(sql: string, name: (role: string) => string): string {
  return sql.replace(policyHead, (_whole, head: string, list: string) => {
    const roles = rolesOfList(list).map(name);
    // PUBLIC is alone. By name and each once, as the server's list is read.
    const mapped = [...new Set(roles)].sort(byBytes).map(quoteIdentifier);
    return head + (mapped.length === 0 ? list : mapped.join(', '));
  });
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** `default privileges of role x …`, `user mapping for x …`. */
function mapIdentity(identity: string, name: (role: string) => string): string {
  return identity.replace(
    /^((?:default privileges of role|(?:owner of |comment on )?user mapping for) )("(?:[^"]|"")*"|[a-z_][a-z0-9_]*)/,
    (_whole, head: string, role: string) =>
      head + displayName(name(role.startsWith('"') ? role.slice(1, -1).replaceAll('""', '"') : role)),
  );
}
