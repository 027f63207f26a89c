import type { CatalogModel } from '../catalog/model.ts';
import type { FromTarget } from './from-target.ts';
import type { RunnableObject } from './runnable-object.ts';
import { onOtherEnd } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { partitionParents } from './table-policies.ts';
import type { PolicyObject } from './table-policies.ts';

/** Foreign keys, with their comments, that lead to tables which a policy excludes; and those tables. */
export interface OutgoingKeys<T = RunnableObject> {
  readonly objects: readonly T[];
  readonly tables: readonly { readonly id: string; readonly schema: string; readonly name: string }[];
}

/** For a key to an excluded table: the parts of that table that must exist first. */
const needed = new Set(['primary key', 'unique constraint', 'index', 'index attach', 'partition attach']);

/**
 * The target may have its own table in place of one that a policy excludes. Then a foreign key of the source to that
 * table is made, to the target's table, once its rows and keys exist. Statements stay as the source writes them. If
 * the target has no such table, the key is left out, and a sentence says so.
 */
export function outgoingKeys(
  { objects, tables }: OutgoingKeys,
  place: {
    /** What is made of the dump. */
    readonly fromDump: readonly RunnableObject[];
    readonly taken: FromTarget;
    readonly target: Pick<CatalogModel, 'objects'>;
    readonly names: SchemaNames | null;
    /** Ids of what stays in the target. */
    readonly staying: ReadonlySet<string>;
  },
): { readonly objects: readonly RunnableObject[]; readonly leftOut: readonly string[] } {
  const { taken, target, names, staying } = place;
  const made = new Set(place.fromDump.map(({ id }) => id));
  // A key that a partition had before is a part of the partitioned table's key.
  const together = new Set(objects.map(({ id }) => id));
  const excluded = new Map(tables.map((table) => [table.id, onOtherEnd(names, table)]));
  const comes = new Set(taken.objects.map(({ id }) => id));
  const idThere = (id: string): string | null => {
    const wanted = excluded.get(id);
    const found = target.objects.find(
      ({ kind, schema, name }) => kind === 'table' && schema === wanted?.schema && name === wanted?.name,
    );
    const mapped = found === undefined ? null : taken.idOf(found.id);
    return mapped !== null && (comes.has(mapped) || staying.has(found?.id ?? '')) ? mapped : null;
  };
  const keys: RunnableObject[] = [];
  const leftOut: string[] = [];
  for (const key of objects) {
    if (key.kind !== 'foreign key' || !made.has(key.partOf ?? '')) continue;
    const referenced = key.dependsOn.filter((id) => excluded.has(id));
    const there = referenced.flatMap((id) => idThere(id) ?? []);
    if (there.length < referenced.length) {
      leftOut.push(
        `${key.identity} refers to an excluded table that the target does not have; it is left out.`,
      );
      continue;
    }
    const whole = [...there, ...below(taken.objects, there)];
    const first = taken.objects.filter(
      ({ kind, partOf }) => needed.has(kind) && whole.includes(partOf ?? ''),
    );
    const { reference } = key;
    keys.push({
      ...key,
      dependsOn: [
        ...key.dependsOn.filter((id) => made.has(id) || together.has(id)),
        ...there,
        ...first.map(({ id }) => id),
      ],
      locks: [
        ...key.locks.filter(({ table }) => made.has(table)),
        ...whole.map((table) => ({ table, mode: 'exclusive' as const })),
      ],
      reference:
        reference === undefined
          ? undefined
          : { ...reference, referenced: idThere(reference.referenced) ?? reference.referenced },
    });
  }
  const chosen = new Set(keys.map(({ id }) => id));
  return {
    objects: [...keys, ...objects.filter(({ partOf }) => partOf !== null && chosen.has(partOf))],
    leftOut,
  };
}

/** The tables among some objects, as `OutgoingKeys` has them. */
export function excludedTables(
  objects: readonly PolicyObject[],
  ids: ReadonlySet<string>,
): OutgoingKeys['tables'] {
  return objects
    .filter(({ id }) => ids.has(id))
    .map(({ id, schema, name }) => ({ id, schema: schema ?? '', name }));
}

/** Partitions of these tables, at any depth. */
function below(objects: readonly PolicyObject[], tables: readonly string[]): readonly string[] {
  const found = new Set(tables);
  const parents = [...partitionParents(objects)];
  for (const id of found) for (const [partition, parent] of parents) if (parent === id) found.add(partition);
  return [...found].slice(tables.length);
}
