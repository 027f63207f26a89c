import { displayName, displayQualified } from '../catalog/display-name.ts';
import type { NamedInSchema } from '../lib/table-name.ts';

/**
 * What becomes of kept rows whose parent (the row that they refer to) goes. `keepParent`: it does not go. `setNull` and
 * `delete`: what ON DELETE SET NULL and ON DELETE CASCADE do.
 */
export const orphanPolicies = ['fail', 'keepParent', 'setNull', 'delete'] as const;
export type OrphanPolicy = (typeof orphanPolicies)[number];

/** By the name of a foreign key, as plans and errors write it: `foreign key "Pin_part_fkey" on public."Pin"`. */
export type OrphanPolicies = Readonly<Record<string, OrphanPolicy>>;

/** The name of a foreign key of a table. */
export function foreignKeyName(name: string, { schema, name: table }: NamedInSchema): string {
  return `foreign key ${displayName(name)} on ${displayQualified(schema ?? '', table)}`;
}

/** Of a foreign key with these names (one for each end that calls it otherwise). */
export function orphanPolicy(policies: OrphanPolicies, names: readonly string[]): OrphanPolicy {
  return names.map((name) => policies[name]).find((policy) => policy !== undefined) ?? 'fail';
}

export function isForeignKeyName(text: string): boolean {
  return /^foreign key .+ on ./s.test(text);
}
