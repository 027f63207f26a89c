import { isMappable, mapRoles } from '../../catalog/map-roles.ts';
import type { CatalogModel, CatalogTable } from '../../catalog/model.ts';
import type { Config } from '../../config/config.ts';
import { meansObject } from '../../plan/leave-out.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { withParts } from '../../plan/table-policies.ts';
import { isSettled } from '../../plan/without.ts';

/** The model without the objects that the options leave out, and with source roles replaced by target roles. */
export function agreed(
  model: CatalogModel,
  { leaveOut: entries, roles }: Pick<Config['sync'], 'leaveOut' | 'roles'>,
): { readonly model: CatalogModel; readonly leftOut: readonly string[] } {
  const chosen = model.objects.filter((object) => meansObject(entries, object)).map(({ id }) => id);
  const ids = withParts(model.objects, new Set(chosen));
  const settled = model.unsupported.filter((object) => isSettled(object, entries, ids));
  const objects = model.objects
    .filter(({ id }) => !ids.has(id))
    .map((object) => (isMappable(object) ? mapRoles(object, roles) : object));
  return {
    model: {
      ...model,
      objects,
      // An extension's rows go with it; other tables are left out by policies alone.
      tables: model.tables.filter(({ id, extensionConfig }) => !(extensionConfig && ids.has(id))),
      unsupported: model.unsupported.filter((object) => !settled.includes(object)),
    },
    leftOut: [...model.objects.filter(({ id }) => ids.has(id)), ...settled].map(({ identity }) => identity),
  };
}

export function leftOutSentence(identities: readonly string[]): readonly string[] {
  const once = [...new Set(identities)].sort();
  return once.length === 0 ? [] : [`what the options leave out: ${once.join(', ')}`];
}

/** The text of such a value is the name of an object, and so of its schema. */
export const nameType =
  /^reg(?:class|collation|config|dictionary|namespace|oper|operator|proc|procedure|type)(?:\[\])*$/;

export function namesInRows(
  pairs: readonly { readonly name: string; readonly left: CatalogTable | null }[],
  names: SchemaNames | null,
): readonly string[] {
  if (names === null) return [];
  const columns = pairs.flatMap(({ name, left }) =>
    (left?.columns ?? []).filter(({ type }) => nameType.test(type)).map((column) => `${name}.${column.name}`),
  );
  return columns.length === 0
    ? []
    : [`columns whose values are names of objects, with their schema: ${columns.join(', ')}`];
}
