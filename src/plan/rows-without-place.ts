import type { CatalogModel, CatalogTable } from '../catalog/model.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { KeptTable } from './import-plan.ts';
import type { RunnableObject } from './runnable-object.ts';
import { otherName } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { partitionParents } from './table-policies.ts';
import { tableName } from '../lib/table-name.ts';

interface Named {
  readonly schema: string | null;
  readonly name: string;
}

/** Kinds that share one name space with tables. */
const relations = new Set(['table', 'foreign table', 'view', 'materialized view', 'sequence']);

/**
 * Checks that every table of the target with kept rows has a counterpart that can hold them. TARGET_KEPT_TABLE names
 * each that has not: under its name the source has a partitioned table, a view …, or a plain table where the target
 * has partitions.
 */
export function refuseRowsWithoutPlace(input: {
  readonly target: CatalogModel;
  /** Tables of the target with rows that stay. */
  readonly kept: readonly CatalogTable[];
  readonly keep: readonly KeptTable[];
  readonly fromDump: readonly RunnableObject[];
  /** Ids of the dump's tables that hold rows themselves. */
  readonly plain: ReadonlySet<string>;
  readonly names: SchemaNames | null;
}): void {
  const { target, names, plain } = input;
  const place = ({ schema, name }: Named): string => JSON.stringify([schema, name]);
  const ofDump = new Map(
    input.fromDump
      .filter(({ kind }) => relations.has(kind))
      .map((object) => [place({ ...object, schema: otherName(names, object.schema ?? '') }), object]),
  );
  const placed = new Map(
    input.keep.flatMap(({ table, live }) => (live === null ? [] : [[live.id, table.id] as const])),
  );
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const parents = partitionParents(target.objects);
  const faultOf = (table: CatalogTable): string | null => {
    const name = tableName(table);
    const there = ofDump.get(place(table));
    if (there !== undefined && placed.get(table.id) !== there.id) {
      return `${name} is ${there.kind === 'table' ? 'partitioned' : `a ${there.kind}`} in the source`;
    }
    if (!placed.has(table.id)) return `${name} does not fit`;
    for (let parent = parents.get(table.id); parent !== undefined; parent = parents.get(parent)) {
      const root = byId.get(parent);
      const counterpart = root === undefined ? undefined : ofDump.get(place(root));
      if (root !== undefined && counterpart !== undefined && plain.has(counterpart.id))
        return `${name} is a partition of ${tableName(root)}, which has none in the source`;
    }
    return null;
  };
  const faults = input.kept.flatMap((table) => faultOf(table) ?? []);
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    `Rows that must be kept have no place in the source’s definition: ${faults.join('; ')}.`,
    { details: { tables: faults }, hint: 'Bring both schemas to the same migration first.' },
  );
}
