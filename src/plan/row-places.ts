import type { CatalogTable } from '../catalog/model.ts';
import type { ManifestTable } from '../dump/manifest.ts';
import type { ImportPlan } from './import-plan.ts';
import { partitionParents } from './table-policies.ts';
import type { PolicyObject } from './table-policies.ts';

export type End = 'source' | 'target';

/** A table that holds rows itself, by its name at the end where those rows are now. */
export interface EndTable {
  readonly end: End;
  readonly schema: string;
  readonly name: string;
}

/** A table with rows of its own, and where they are; null where it will have none. */
export interface Place {
  readonly keyColumns: readonly string[];
  readonly rows: PlacedTable | null;
}

export interface PlacedTable extends EndTable {
  readonly columns: readonly { readonly name: string }[];
  /** Whether only some of its rows count. */
  readonly condition: boolean;
}

export function placesOf({
  load,
  keep,
  empty,
}: Pick<ImportPlan, 'load' | 'keep' | 'empty'>): ReadonlyMap<string, Place> {
  return new Map<string, Place>([
    ...load.map((table) => [table.id, { ...table, rows: placed('source', table) }] as const),
    ...empty.map((table) => [table.id, { ...table, rows: null }] as const),
    ...keep.map(
      ({ table, live }) =>
        [table.id, { ...table, rows: live === null ? null : placed('target', live) }] as const,
    ),
  ]);
}

export function placed(end: End, table: ManifestTable | CatalogTable): PlacedTable {
  const { schema, name, columns } = table;
  return { end, schema, name, columns, condition: (table.condition ?? '') !== '' };
}

/** The tables that hold the rows of a table: itself, or its partitions. Null where that is not known. */
export function leafFinder(
  objects: readonly PolicyObject[],
  places: ReadonlyMap<string, Place>,
): (id: string) => readonly Place[] | null {
  const below = new Map<string, string[]>();
  for (const [partition, parent] of partitionParents(objects))
    below.set(parent, [...(below.get(parent) ?? []), partition]);
  const tables = new Map(objects.map((object) => [object.id, object]));
  const find = (id: string): readonly Place[] | null => {
    const own = places.get(id);
    if (own !== undefined) return [own];
    // What an extension makes has rows of its own.
    if (tables.get(id)?.partOf !== null) return null;
    const found = (below.get(id) ?? []).map(find);
    return found.includes(null) ? null : found.flatMap((one) => one ?? []);
  };
  return find;
}

/** Whether a table has all of some columns. */
export function has(columns: readonly string[]): (table: PlacedTable) => boolean {
  return (table) => columns.every((name) => table.columns.some((column) => column.name === name));
}
