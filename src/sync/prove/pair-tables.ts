import type { CatalogModel, CatalogTable } from '../../catalog/model.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { tableName } from '../../lib/table-name.ts';

/** A table on both sides, under its name on the left, or on one of them. */
export interface Pair {
  readonly name: string;
  readonly left: CatalogTable | null;
  readonly right: CatalogTable | null;
}

export function pairTables(
  left: CatalogModel,
  right: CatalogModel,
  names: SchemaNames | null,
): readonly Pair[] {
  const nameOf = ({ schema, name }: CatalogTable): string => tableName({ schema, name });
  const rights = new Map(right.tables.map((table) => [nameOf(onOtherEnd(names, table)), table]));
  const lefts = new Map(left.tables.map((table) => [nameOf(table), table]));
  return [...new Set([...lefts.keys(), ...rights.keys()])]
    .sort()
    .map((name) => ({ name, left: lefts.get(name) ?? null, right: rights.get(name) ?? null }));
}

/** Bytes, of the larger one. */
export function sizeOf({ left, right }: Pair): number {
  return Math.max(left?.bytes ?? 0, right?.bytes ?? 0);
}
