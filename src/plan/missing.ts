import { onlyOrder } from '../catalog/only-order.ts';
import type { OutsideNeed, Restriction } from '../catalog/model.ts';
import type { RoleMap, RoleObject } from '../catalog/map-roles.ts';
import { withoutRoles } from '../catalog/without-roles.ts';
import type { PolicyObject } from './table-policies.ts';
import { outsideOf } from './outside-needs.ts';
import type { SchemaNames } from './schema-names.ts';

/** An entry of `leaveOut` for whatever needs what the target lacks. */
export const missingEntry = 'missing';

/** What a target has for the objects of a source. */
export interface There {
  readonly roles: readonly { readonly name: string }[];
  /** Extensions that its server offers. */
  readonly available: readonly { readonly name: string }[];
  readonly restriction: Restriction | null;
  /** Roles of the target that stand for the source's. */
  readonly standIns: RoleMap;
}

interface NeedyObject extends PolicyObject {
  readonly roles: readonly string[];
  readonly needs?: readonly OutsideNeed[] | undefined;
}

/** What holds rows, or is a part of their form, is never left out for a want: the plan names it instead. */
const neverLeftOut: ReadonlySet<string> = new Set([
  'base type',
  'composite type',
  'domain',
  'enum',
  'foreign table',
  'partition attach',
  'range type',
  'schema',
  'sequence',
  'table',
]);

export interface WithoutMissing<T> {
  /** What can be made there; grants and policies without the roles that are missing. */
  readonly objects: readonly T[];
  /** Identities of what cannot. */
  readonly out: readonly string[];
  /** Of these, the grants and policies that remain for others. */
  readonly narrowed: readonly T[];
}

/** How a receipt names what is left out of such an object. */
export function forMissingRoles({ identity }: { readonly identity: string }): string {
  return `${identity}: what is for roles that the target lacks`;
}

/** Of these the part that is about other roles stays, and what was taken from everybody stays taken. */
const aboutRoles: ReadonlySet<string> = new Set(['policy', 'privileges']);

/**
 * Objects without what names a role that the target's server lacks, without extensions that it does not offer, and
 * without what needs something outside the schemas of a run that the target does not have; nor what needs these.
 * Tables, their types and sequences stay. Pure.
 */
export function withoutMissing<T extends NeedyObject & RoleObject>(
  objects: readonly T[],
  there: There,
  names: SchemaNames | null,
): WithoutMissing<T> {
  const roles = new Set(there.roles.map(({ name }) => name));
  const offered = new Set(there.available.map(({ name }) => name));
  const { standIns } = there;
  const isMissing = (role: string): boolean =>
    !roles.has(Object.hasOwn(standIns, role) ? (standIns[role] ?? role) : role);
  const isThere = there.restriction === null ? () => true : outsideOf(there.restriction, names);
  const narrowed = new Map<string, T>();
  const lacks = (object: T): boolean => {
    const { kind, name, roles: named, needs = [] } = object;
    if ((kind === 'extension' && !offered.has(name)) || needs.some((need) => !isThere(need))) return true;
    if (!named.some(isMissing)) return false;
    const left = aboutRoles.has(kind) ? withoutRoles(object, isMissing) : null;
    if (left !== null) narrowed.set(object.id, left);
    return left === null;
  };
  const out = new Map(
    objects
      .filter((object) => !neverLeftOut.has(object.kind) && lacks(object))
      .map((object) => [object.id, object]),
  );
  for (let grew = true; grew;) {
    grew = false;
    for (const object of objects) {
      if (out.has(object.id) || neverLeftOut.has(object.kind) || onlyOrder.has(object.kind)) continue;
      const lost = object.dependsOn.some((id) => {
        const needed = out.get(id);
        return needed !== undefined && !onlyOrder.has(needed.kind);
      });
      if (!lost) continue;
      out.set(object.id, object);
      grew = true;
    }
  }
  return {
    objects: objects.map((object) => narrowed.get(object.id) ?? object),
    out: [...out.values()].map(({ identity }) => identity),
    narrowed: [...narrowed.values()].filter(({ id }) => !out.has(id)),
  };
}
