import type { CatalogModel } from '../../catalog/model.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';

/**
 * The tables that a replacement in place locks before it begins: all but those that stay where they are, with their
 * rows.
 */
export function lockedInPlace(
  tables: CatalogModel['tables'],
  { staying }: Pick<ImportPlan, 'staying'>,
): CatalogModel['tables'] {
  return tables.filter(({ id }) => !staying.has(id));
}
