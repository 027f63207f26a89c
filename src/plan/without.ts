import type { CatalogModel, CatalogObject, UnsupportedObject } from '../catalog/model.ts';
import { leaveOut, meansObject } from './leave-out.ts';
import { withParts } from './table-policies.ts';

export interface Without {
  readonly model: CatalogModel;
  /** Identities of what is gone, with everything that went with it. */
  readonly leftOut: readonly string[];
}

/**
 * A model without what the entries of `leaveOut` name: objects, and what cannot be carried (an invalid index, a loop).
 * Throws CONFLICT_LEFT_OUT and USAGE_INVALID as `leaveOut` does.
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

/** The same, but of all that the entries name only what cannot be carried goes, and what needs it. */
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

/** Whether what cannot be carried goes with these objects, of which tables are excluded. */
export function isExcluded(object: UnsupportedObject, out: ReadonlySet<string>): boolean {
  return (object.table !== null && out.has(object.table)) || isSettled(object, [], out);
}

/** Whether what cannot be carried is no obstacle any more when these entries and objects go. */
export function isSettled(
  { identity, objects, isLoop }: UnsupportedObject,
  entries: readonly string[],
  gone: ReadonlySet<string>,
): boolean {
  if (objects.length === 0) return entries.includes(identity);
  // Whatever needs what is gone goes as well, or is an error: nothing of a loop is left when one of them goes.
  return isLoop ? objects.some((id) => gone.has(id)) : objects.every((id) => gone.has(id));
}
