import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';

/**
 * One schema with two names: what is written under `source` ends as `target`. Null everywhere where both ends use
 * the same name (docs/adr/0009-schema-names.md).
 */
export interface SchemaNames {
  readonly source: string;
  readonly target: string;
}

/** Null where nothing has to be renamed. CONFLICT_SCHEMA_NAMES for a name that PostgreSQL keeps for itself. */
export function schemaNames(source: string, target: string): SchemaNames | null {
  if (source === target) return null;
  for (const name of [source, target]) {
    if (!name.startsWith('pg_') && name !== 'information_schema') continue;
    throw new SyncError(
      'CONFLICT_SCHEMA_NAMES',
      `The schema "${name}" belongs to PostgreSQL itself; it can be neither carried nor replaced.`,
    );
  }
  return { source, target };
}

/**
 * A schema's name on the other end. The two names change places, so that the mapping is reversible: a target's schema
 * with the source's name has no counterpart in the source.
 */
export function otherName(names: SchemaNames | null, schema: string): string {
  if (schema === names?.source) return names.target;
  return schema === names?.target ? names.source : schema;
}

/** A table or a sequence, as the other end calls it. */
export function onOtherEnd<T extends { readonly schema: string }>(names: SchemaNames | null, named: T): T {
  return names === null ? named : { ...named, schema: otherName(names, named.schema) };
}

/** A type, as `format_type` writes it, on the other end. */
export function typeThere(type: string, names: SchemaNames | null): string {
  return names === null ? type : renamedIdentity(type, { left: names.source, right: names.target });
}

/** Policy rules as one end has to read them: a rule may name a table as either end knows it. */
export function rulesOf(
  rules: readonly TablePolicyRule[],
  names: SchemaNames | null,
  end: 'source' | 'target',
): readonly TablePolicyRule[] {
  if (names === null) return rules;
  const renamed = { schema: names[end], alias: names[end === 'source' ? 'target' : 'source'] };
  return rules.map((rule) => ({ ...rule, renamed }));
}
