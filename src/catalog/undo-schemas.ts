import type { CatalogModel } from './model.ts';

/**
 * Schemas whose names begin so hold what an undo needs: rows that a merge has changed, or objects that a switch has
 * put aside. They are ours, and no part of the database that anybody copies, compares or replaces.
 */
export const undoSchemaPrefix = 'multiboard_sync_undo_';
/** Of those that hold our notes; those with a number behind hold people's objects, whatever these are called. */
export const undoSchemaPattern = `^${undoSchemaPrefix}[0-9a-f]{16}$`;
/** In these, a switch makes what is to take the place of the live objects. */
export const stagedSchemaPrefix = 'multiboard_sync_staged_';

/** The model without them, and without what hangs on them. */
export function withoutUndoSchemas(model: CatalogModel): CatalogModel {
  const isOurs = (schema: string | null): boolean =>
    schema?.startsWith(undoSchemaPrefix) === true || schema?.startsWith(stagedSchemaPrefix) === true;
  const ours = new Set(
    model.objects
      .filter(({ kind, schema, name }) => isOurs(schema) || (kind === 'schema' && isOurs(name)))
      .map(({ id }) => id),
  );
  if (ours.size === 0) return model;
  for (let grew = true; grew;) {
    const parts = model.objects.filter(
      ({ id, kind, partOf, dependsOn }) =>
        !ours.has(id) &&
        ((partOf !== null && ours.has(partOf)) ||
          // They lie in no schema.
          ((kind === 'cast' || kind === 'transform') && dependsOn.some((need) => ours.has(need)))),
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
