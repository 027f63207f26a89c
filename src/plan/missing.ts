import type { OutsideNeed, Restriction } from '../catalog/model.ts';
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

/** Others wait for them, and do without. */
const onlyOrder: ReadonlySet<string> = new Set([
  'comment',
  'owner',
  'privileges',
  'refresh',
  'security label',
  'sequence value',
]);

/**
 * Identities of the objects that name a role which the target's server lacks, are an extension that it does not offer,
 * or need something outside the schemas of a run that the target does not have; and of those that need these. Tables,
 * their types and sequences are not among them. Pure.
 */
export function needingMissing(
  objects: readonly NeedyObject[],
  there: There,
  names: SchemaNames | null,
): readonly string[] {
  const roles = new Set(there.roles.map(({ name }) => name));
  const offered = new Set(there.available.map(({ name }) => name));
  const isThere = there.restriction === null ? () => true : outsideOf(there.restriction, names);
  const lacks = ({ kind, name, roles: named, needs = [] }: NeedyObject): boolean =>
    named.some((role) => !roles.has(role)) ||
    (kind === 'extension' && !offered.has(name)) ||
    needs.some((need) => !isThere(need));
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
  return [...out.values()].map(({ identity }) => identity);
}
