import type { CatalogModel, CatalogObject, ObjectKind } from '../../catalog/model.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import { asksAnew } from '../../plan/replaced-functions.ts';
import { withParts } from '../../plan/table-policies.ts';
import { idFromTarget } from '../../plan/from-target.ts';
import { forgotten } from '../in-place/drop-all.ts';

/** What takes no longer to make than its statement to run: it is made in the moment for which everybody waits. */
const quick: ReadonlySet<string> = new Set<ObjectKind>([
  'comment',
  'default',
  'foreign key',
  'function',
  'owner',
  'policy',
  'privileges',
  'procedure',
  'publication table',
  'row security',
  'rule',
  'security label',
  'trigger',
  'view',
]);

/** What a switch does with the objects that a database has. */
export interface Parting {
  /** Dropped, in this order; all that is neither dropped nor stays moves aside. */
  readonly dropped: readonly CatalogObject[];
  /** What an undo makes again of that, in this order. */
  readonly again: readonly RunnableObject[];
  /** What could not be made again in a moment, in words. */
  readonly faults: readonly string[];
}

export interface Stays {
  readonly staying: ReadonlySet<string>;
  /** Functions that keep their place, and get another definition. */
  readonly replaced: ReadonlySet<string>;
}

/**
 * What of these objects cannot move aside: places in publications, what lies outside the schemas and hangs on what
 * moves, rights that this role gives on all it makes, keys to tables outside, and what hangs on tables that stay: their
 * keys to tables that move, and views, keys and policies of what moves. These would act on those tables, or stand in
 * the way of whoever changes them. Pure.
 */
export function partObjects(
  { objects, restriction }: CatalogModel,
  { staying, replaced }: Stays,
  leftOutKinds: ReadonlySet<string>,
): Parting {
  const inside = new Set(restriction?.schemas ?? []);
  const stayingTables = withParts(
    objects,
    new Set(
      objects
        .filter(
          ({ id, kind, schema }) =>
            staying.has(id) && (kind === 'table' || kind === 'sequence') && inside.has(schema ?? ''),
        )
        .map(({ id }) => id),
    ),
  );
  const goes = new Set<string>();
  const faults: string[] = [];
  for (const object of objects) {
    const { id, kind, identity, outside, facts, partOf, dependsOn, needs = [] } = object;
    if (staying.has(id) || replaced.has(id)) continue;
    const withWhole = partOf !== null && (goes.has(partOf) || replaced.has(partOf));
    const goesToo =
      withWhole ||
      outside !== undefined ||
      kind === 'publication table' ||
      facts.forRole !== undefined ||
      (partOf !== null && stayingTables.has(partOf)) ||
      // It would go on acting on the table outside, for rows that nobody uses any more.
      (kind === 'foreign key' && needs.some((need) => need.kind === 'table')) ||
      dependsOn.some((need) => stayingTables.has(need) || goes.has(need));
    if (!goesToo) continue;
    goes.add(id);
    const isQuick = withWhole || outside !== undefined || facts.forRole !== undefined || quick.has(kind);
    if (!isQuick) faults.push(identity);
  }
  const taken = (object: CatalogObject): boolean => goes.has(object.id) || replaced.has(object.id);
  return {
    dropped: objects.toReversed().flatMap((object) => {
      if (!taken(object) || object.dropSql === null || leftOutKinds.has(object.kind)) return [];
      if (!replaced.has(object.id)) return object;
      return { ...object, dropSql: forgotten(object, { objects }, { leftOutKinds }) };
    }),
    again: objects
      .filter(taken)
      .map(({ dropSql: _dropSql, outside: _outside, ...object }) =>
        replaced.has(object.id) ? { ...object, replaces: true as const } : object,
      ),
    faults,
  };
}

/** Ids of what is made in the last moment, and what of it could not be, in words. */
export function lateObjects(plan: ImportPlan): {
  readonly late: ReadonlySet<string>;
  readonly faults: readonly string[];
} {
  const { objects, fromTarget, unmoved, staying } = plan;
  const there = new Set([...unmoved, ...[...staying].map(idFromTarget)]);
  const late = new Set<string>();
  // Functions that keep their place are there before they get their new definition.
  const inPlace = new Set<string>();
  const faults: string[] = [];
  for (const object of objects) {
    const { id, kind, identity, replaces, partOf, dependsOn, needs = [] } = object;
    if (replaces === true || (partOf !== null && inPlace.has(partOf))) inPlace.add(id);
    const isLate =
      inPlace.has(id) ||
      fromTarget.has(id) ||
      kind === 'publication table' ||
      // It would keep the other table's writers waiting.
      (kind === 'foreign key' && needs.some((need) => need.kind === 'table')) ||
      (partOf !== null && late.has(partOf)) ||
      dependsOn.some((need) => there.has(need) || (late.has(need) && !inPlace.has(need)));
    if (!isLate) {
      if (!asksAnew.has(kind) && dependsOn.some((need) => inPlace.has(need)) && kind !== 'default')
        faults.push(`${identity} holds what a function says that tables or objects outside use`);
      continue;
    }
    late.add(id);
    const isQuick = inPlace.has(id) || fromTarget.has(id) || quick.has(kind) || partOf !== null;
    if (!isQuick) faults.push(`${identity} needs a table whose rows are kept`);
  }
  return { late, faults };
}
