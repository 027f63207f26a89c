import type { CatalogModel, CatalogObject } from '../../catalog/model.ts';
import { partitionParents, withParts } from '../../plan/table-policies.ts';

/** Foreign keys and triggers that touch these tables or what they are partitions of, with their comments, in order. */
export function attachments(model: CatalogModel, tables: ReadonlySet<string>): readonly CatalogObject[] {
  const touched = withAncestors(model, tables);
  const roots = model.objects.filter((object) => touches(object, touched)).map(({ id }) => id);
  const all = withParts(model.objects, new Set(roots));
  return model.objects.filter(({ id }) => all.has(id));
}

/** With what they are partitions of. */
export function withAncestors(model: CatalogModel, tables: ReadonlySet<string>): ReadonlySet<string> {
  const parents = partitionParents(model.objects);
  const all = new Set(tables);
  for (const id of all) {
    const parent = parents.get(id);
    if (parent !== undefined) all.add(parent);
  }
  return all;
}

function touches(object: CatalogObject, tables: ReadonlySet<string>): boolean {
  if (object.kind === 'trigger') return object.partOf !== null && tables.has(object.partOf);
  return object.kind === 'foreign key' && object.locks.some(({ table }) => tables.has(table));
}
