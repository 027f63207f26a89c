import { displayQualified } from '../catalog/display-name.ts';
import type { CatalogModel } from '../catalog/model.ts';
import type { ImportPlan } from './import-plan.ts';
import { onOtherEnd } from './schema-names.ts';

/**
 * A sentence that names the tables which only the target has: they go, with rows that may be nowhere else. A file of
 * `pg_dump -t` or `-n` does not tell that it is a part of a database.
 */
export function vanishingTables(
  { tables }: Pick<CatalogModel, 'tables'>,
  { objects, carried, staying, names }: Pick<ImportPlan, 'objects' | 'carried' | 'staying' | 'names'>,
): readonly string[] {
  const keyOf = (schema: string, name: string): string => JSON.stringify([schema, name]);
  const come = new Set(
    objects
      .filter(({ kind }) => kind === 'table')
      .map(({ id, schema, name }) => {
        const there = onOtherEnd(carried.has(id) ? null : names, { schema: schema ?? '', name });
        return keyOf(there.schema, there.name);
      }),
  );
  const gone = tables.filter(
    ({ id, schema, name, extensionConfig }) =>
      !extensionConfig && !staying.has(id) && !come.has(keyOf(schema, name)),
  );
  if (gone.length === 0) return [];
  const list = gone.map(({ schema, name }) => displayQualified(schema, name)).sort();
  return [
    `${list.length} table(s) that only the target has will be gone, with their rows: ${list.join(', ')}.`,
  ];
}
