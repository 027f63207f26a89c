import type { CatalogModel } from '../catalog/model.ts';
import { SyncError } from '../errors/sync-error.ts';
import { didYouMean } from '../lib/nearest.ts';
import { tableName } from '../lib/table-name.ts';
import type { ImportPlan } from './import-plan.ts';
import { orphanPolicy } from './orphans.ts';
import type { OrphanPolicies } from './orphans.ts';
import { onOtherEnd } from './schema-names.ts';

type Target = Pick<CatalogModel, 'objects' | 'tables'>;

/** Kept tables of the target that have a foreign key with a policy other than to fail. Pure. */
export function orphanTables(
  { objects }: Pick<Target, 'objects'>,
  { load, empty, names }: Pick<ImportPlan, 'load' | 'empty' | 'names'>,
  policies: OrphanPolicies,
): readonly { readonly schema: string; readonly name: string }[] {
  const tables = new Map(objects.map((object) => [object.id, object]));
  const merged = new Set([...load, ...empty].map((table) => tableName(onOtherEnd(names, table))));
  const found = new Map<string, { readonly schema: string; readonly name: string }>();
  for (const { identity, reference } of objects) {
    const table = reference === undefined ? undefined : tables.get(reference.table);
    if (table === undefined || orphanPolicy(policies, [identity]) === 'fail') continue;
    const named = { schema: table.schema ?? '', name: table.name };
    if (!merged.has(tableName(named))) found.set(tableName(named), named);
  }
  return [...found.values()];
}

/**
 * Policies fit the target's foreign keys. USAGE_INVALID for one that names no foreign key, or that would set a column
 * to NULL which takes none. Pure.
 */
export function checkOrphanPolicies(policies: OrphanPolicies, { objects, tables }: Target): void {
  const keys = new Map(
    objects.flatMap((object) => (object.reference === undefined ? [] : [[object.identity, object] as const])),
  );
  const faults = Object.entries(policies).flatMap(([name, policy]) => {
    const key = keys.get(name);
    if (key === undefined) return [`there is no ${name}.${didYouMean(name, keys.keys())}`];
    if (policy !== 'setNull') return [];
    if (key.reference?.period === true) return [`${name} has a PERIOD, of which nothing can be set to NULL.`];
    const table = tables.find(({ id }) => id === key.reference?.table);
    const full = key.reference?.columns.flatMap(({ name: column }) =>
      table?.columns.some((one) => one.name === column && one.notNull) === true ? [column] : [],
    );
    return full === undefined || full.length === 0
      ? []
      : [`${name} cannot be set to NULL: ${full.join(', ')} is NOT NULL.`];
  });
  if (faults.length === 0) return;
  throw new SyncError('USAGE_INVALID', `Policies for orphans do not fit the target: ${faults.join(' ')}`, {
    details: { policies: faults },
  });
}
