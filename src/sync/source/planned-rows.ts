import type { CatalogModel } from '../../catalog/model.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import type { PlannedLargeObjects, PlannedTable } from '../contract/plan.ts';
import { tableName } from '../../lib/table-name.ts';

/** Null where neither end has any. */
export function plannedLargeObjects(
  plan: ImportPlan,
  source: CatalogModel,
  target: CatalogModel,
): PlannedLargeObjects | null {
  const [there, here] = [source.largeObjects, target.largeObjects];
  if (there.count + here.count === 0) return null;
  // A source without any empties the target as well.
  const copies = plan.largeObjects === 'copy' || (plan.largeObjects === 'none' && there.count === 0);
  return {
    action: plan.largeObjects === 'keep' ? 'keep' : copies ? 'copy' : 'empty',
    sourceObjects: there.count,
    targetObjects: here.count,
    bytes: there.bytes,
  };
}

/** Every table of the two ends that the run touches, by name. */
export function plannedTables(
  plan: ImportPlan,
  source: CatalogModel,
  target: CatalogModel,
): readonly PlannedTable[] {
  const find = (model: CatalogModel, { schema, name }: { readonly schema: string; readonly name: string }) =>
    model.tables.find((table) => table.schema === schema && table.name === name);
  type Named = { readonly schema: string; readonly name: string };
  const row = (action: PlannedTable['action'], here: Named, there: Named): PlannedTable => ({
    table: tableName(there),
    action,
    sourceRows: find(source, here)?.rowsEstimated ?? null,
    targetRows: find(target, there)?.rowsEstimated ?? null,
    bytes: find(source, here)?.bytes ?? 0,
    rows: null,
  });
  const fromDump = (action: PlannedTable['action']) => (table: Named) =>
    row(action, table, onOtherEnd(plan.names, table));
  return [
    ...plan.load.map(fromDump('copy')),
    ...plan.keep.map(({ table }) => row('keep', onOtherEnd(plan.names, table), table)),
    ...plan.stay.map((table) => row('keep', onOtherEnd(plan.names, table), table)),
    ...plan.empty.map(fromDump('empty')),
  ].sort((a, b) => (a.table < b.table ? -1 : 1));
}
