import type { CatalogModel } from './model.ts';

/**
 * Schemas whose names begin so hold rows by which a merge is undone. They are ours, and no part of the database that
 * anybody copies, compares or replaces.
 */
export const undoSchemaPrefix = 'multiboard_sync_undo_';

/** The model without them, and without what hangs on them. */
export function withoutUndoSchemas(model: CatalogModel): CatalogModel {
  const isOurs = (schema: string | null): boolean => schema?.startsWith(undoSchemaPrefix) === true;
  const ours = new Set(
    model.objects
      .filter(({ kind, schema, name }) => isOurs(schema) || (kind === 'schema' && isOurs(name)))
      .map(({ id }) => id),
  );
  if (ours.size === 0) return model;
  for (let grew = true; grew;) {
    const parts = model.objects.filter(
      ({ id, partOf }) => !ours.has(id) && partOf !== null && ours.has(partOf),
    );
    for (const { id } of parts) ours.add(id);
    grew = parts.length > 0;
  }
  return {
    ...model,
    objects: model.objects.filter(({ id }) => !ours.has(id)),
    tables: model.tables.filter(({ schema }) => !isOurs(schema)),
    sequences: model.sequences.filter(({ schema }) => !isOurs(schema)),
    unsupported: model.unsupported.filter(({ schema }) => !isOurs(schema)),
  };
}
