import { displayName } from '../../catalog/display-name.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { publicSchema } from '../../catalog/schemas/public-schema.ts';
import { SyncError } from '../../errors/sync-error.ts';

/**
 * Of a source whose runs are about some schemas: CONFLICT_SCHEMA_NAMES names those that it does not have. A slip in a
 * name would otherwise empty the target's schema of the right name, or leave it out.
 */
export function refuseMissingSchemas(
  model: Pick<CatalogModel, 'restriction' | 'objects'>,
  environment: string,
): void {
  const missing = missingSchemas(model);
  if (missing.length === 0) return;
  throw new SyncError(
    'CONFLICT_SCHEMA_NAMES',
    `"${environment}" has no schema ${missing.map(displayName).join(', ')}, which the run is about.`,
    {
      details: { schemas: missing },
      hint: 'Correct the names (--schema, NAME_DATABASE_SCHEMAS), or make the schema in the source, even empty.',
    },
  );
}

/** The schemas that a model is to be about and that are not there. Schema public has no object, and counts as there. */
export function missingSchemas({
  restriction,
  objects,
}: Pick<CatalogModel, 'restriction' | 'objects'>): readonly string[] {
  const there = new Set(objects.filter(({ kind }) => kind === 'schema').map(({ name }) => name));
  return (restriction?.schemas ?? []).filter((name) => name !== publicSchema && !there.has(name));
}
