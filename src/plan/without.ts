import type { CatalogModel, CatalogObject, UnsupportedObject } from '../catalog/model.ts';
import { leaveOut, meansObject } from './leave-out.ts';
import { withParts } from './table-policies.ts';

export interface Without {
  readonly model: CatalogModel;
  /** Identities of what is left out, with everything that is left out because of it. */
  readonly leftOut: readonly string[];
}

/**
 * A model without what the entries of `leaveOut` name: objects, and things that cannot be copied (an invalid index, a
 * loop). Throws CONFLICT_LEFT_OUT and USAGE_INVALID as `leaveOut` does.
 */
export function without(model: CatalogModel, entries: readonly string[]): Without {
  const { remaining, out } = leaveOut(model.objects, entries);
  const gone = new Set(out.map(({ id }) => id));
  const settled = model.unsupported.filter((object) => isSettled(object, entries, gone));
  return {
    model: {
      ...model,
      objects: remaining,
      tables: model.tables.filter(({ id }) => !gone.has(id)),
      sequences: model.sequences.filter(({ id }) => !gone.has(id)),
      unsupported: model.unsupported.filter((object) => !settled.includes(object)),
    },
    leftOut: [...out, ...settled.filter(({ objects }) => objects.length === 0)].map(
      ({ identity }) => identity,
    ),
  };
}

/** The same, but only what cannot be copied is left out, with what needs it. */
export function withoutUnsupported(model: CatalogModel, entries: readonly string[]): Without {
  const named = entries.length === 0 ? [] : model.objects.filter((object) => meansObject(entries, object));
  const impossible = new Set(model.unsupported.flatMap(({ objects }) => objects));
  const chosen = new Set<CatalogObject>();
  const gone = (): Set<string> => withParts(model.objects, new Set([...chosen].map(({ id }) => id)));
  for (let size = -1; size < chosen.size;) {
    size = chosen.size;
    const out = gone();
    for (const object of named) {
      if (impossible.has(object.id) || object.dependsOn.some((id) => out.has(id))) chosen.add(object);
    }
  }
  const identities = [...chosen].map(({ identity }) => identity);
  const others = model.unsupported.map(({ identity }) => identity);
  return without(model, [...identities, ...others.filter((identity) => entries.includes(identity))]);
}

/**
 * Whether something that cannot be copied is left out together with these objects, of which the tables are excluded.
 */
export function isExcluded(object: UnsupportedObject, out: ReadonlySet<string>): boolean {
  return (object.table !== null && out.has(object.table)) || isSettled(object, [], out);
}

/** Whether something that cannot be copied is no obstacle any more if these entries and objects are left out. */
export function isSettled(
  { identity, objects, isLoop }: UnsupportedObject,
  entries: readonly string[],
  gone: ReadonlySet<string>,
): boolean {
  if (objects.length === 0) return entries.includes(identity);
  // Objects that need a left-out one are left out too, or are an error. Of a loop, all members are left out
  // together.
  return isLoop ? objects.some((id) => gone.has(id)) : objects.every((id) => gone.has(id));
}
