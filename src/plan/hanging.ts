import { displayName } from '../catalog/display-name.ts';
import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import type { CatalogModel, CatalogObject, ObjectKind } from '../catalog/model.ts';
import { publicSchema } from '../catalog/schemas/public-schema.ts';
import { SyncError } from '../errors/sync-error.ts';
import { asksAnew, changedIn, replaceable } from './replaced-functions.ts';
import type { RunnableObject } from './runnable-object.ts';
import { ofSchemaItself } from './schema-itself.ts';
import type { SchemaNames } from './schema-names.ts';
import { withParts } from './table-policies.ts';
import type { TargetRights } from './target-rights.ts';

/** What a run about some schemas does with the rest of the database that hangs on them. */
export interface Hanging {
  /** Ids of the target's objects that are neither dropped nor made again. */
  readonly staying: ReadonlySet<string>;
  /** Ids of the target's objects that are dropped and made again just as they are. */
  readonly again: ReadonlySet<string>;
  /**
   * Functions of the target that are not dropped, because something outside calls them: the dump's function of the
   * same name replaces their definition. Key: id in the dump.
   */
  readonly replaced: ReadonlyMap<string, CatalogObject>;
  /** Ids of the dump's objects that are not made: the target's own stay. */
  readonly matched: ReadonlySet<string>;
}

export const nothingHangs: Hanging = {
  staying: new Set(),
  again: new Set(),
  replaced: new Map(),
  matched: new Set(),
};

/** Small enough to be dropped and made again, and without rows of their own. */
const madeAgain: ReadonlySet<ObjectKind> = new Set([
  'check constraint',
  'comment',
  'default',
  'foreign key',
  'function',
  'index',
  'index attach',
  'owner',
  'policy',
  'privileges',
  'procedure',
  'rule',
  'security label',
  'statistics',
  'trigger',
  'view',
] as const);

export interface HangingInput {
  readonly target: CatalogModel;
  readonly rights: TargetRights;
  readonly names: SchemaNames | null;
  /** Tables of the target whose rows are kept; they come again whatever the dump holds. */
  readonly keptTables: ReadonlySet<string>;
  /** Ids of types inside that stay because they are the same on both ends. */
  readonly alike: ReadonlySet<string>;
}

/**
 * Decides it for a target that is replaced in place. A schema that is there already stays, with its owner, grants,
 * comment and default privileges. What lies outside and needs a function inside, and nothing else that is dropped,
 * is not touched: the function keeps its place, and gets its new definition (CREATE OR REPLACE). Anything else outside
 * is dropped and made again if that costs nothing but a statement. TARGET_UNSUPPORTED: names what cannot be put back.
 */
export function hanging(
  { target, rights, names, keptTables, alike }: HangingInput,
  fromDump: readonly RunnableObject[],
): Hanging {
  if (target.restriction === null) return nothingHangs;
  const itself = ofSchemaItself(target.objects, schemasThatStay(target.restriction.schemas, fromDump, names));
  const own = new Set(
    target.objects
      .filter((object) => object.facts.forRole === rights.role)
      .filter(({ id, outside }) => itself.has(id) || outside !== undefined)
      .map(({ id }) => id),
  );
  const there = new Set(target.objects.map(({ identity }) => identity));
  const matched = matchedItself(fromDump, { names, there });
  const outside = target.objects.filter((object) => object.outside !== undefined && !own.has(object.id));
  const counterpart = counterparts(fromDump, names);
  const replaced = replaceable({ target, outside, alike }, counterpart, names);
  const inPlace = new Set([...replaced.values()].map(({ id }) => id));
  const changed = changedIn(replaced, fromDump, names);
  const untouched = new Set([...itself].filter((id) => !own.has(id)));
  const moving = new Set<string>();
  for (const { id, kind, dependsOn, partOf } of outside) {
    const goes =
      moving.has(partOf ?? '') ||
      dependsOn.some((need) => !inPlace.has(need) && !untouched.has(need) && !alike.has(need)) ||
      (!asksAnew.has(kind) && dependsOn.some((need) => changed.has(need)));
    (goes ? moving : untouched).add(id);
  }
  const moved = outside.filter(({ id }) => moving.has(id));
  refuse(moved, target, { rights, keptTables, comes: (identity) => counterpart(identity) !== undefined });
  return {
    staying: untouched,
    again: new Set([...own, ...moved.map(({ id }) => id), ...followed(target, fromDump, counterpart)]),
    replaced,
    matched,
  };
}

/** The schemas that the dump has too. One that it does not have goes: an undo takes back that the run has made it. */
function schemasThatStay(
  schemas: readonly string[],
  fromDump: readonly RunnableObject[],
  names: SchemaNames | null,
): readonly string[] {
  const come = new Set(fromDump.filter(({ kind }) => kind === 'schema').map(({ name }) => name));
  return schemas.filter((schema) => schema === publicSchema || schema === names?.target || come.has(schema));
}

function counterparts(
  fromDump: readonly RunnableObject[],
  names: SchemaNames | null,
): (identity: string) => RunnableObject | undefined {
  const byIdentity = new Map(fromDump.map((object) => [nameThere(object.identity, names), object]));
  return (identity) => byIdentity.get(identity);
}

function nameThere(identity: string, names: SchemaNames | null): string {
  return names === null ? identity : renamedIdentity(identity, { left: names.source, right: names.target });
}

/** The schemas of the dump that the target has already, with what is said of them alone. */
function matchedItself(
  fromDump: readonly RunnableObject[],
  { names, there }: { readonly names: SchemaNames | null; readonly there: ReadonlySet<string> },
): ReadonlySet<string> {
  // A schema that gets another name is filled where it is, or made by the run itself.
  const schemas = [...new Set(fromDump.flatMap(({ schema }) => schema ?? []))].filter(
    (schema) =>
      schema === publicSchema || schema === names?.source || there.has(`schema ${displayName(schema)}`),
  );
  // What a role gives on all that it will make says nothing of the schema's contents.
  const habits = fromDump.filter(({ facts }) => facts.forRole !== undefined).map(({ id }) => id);
  return new Set([...ofSchemaItself(fromDump, schemas), ...habits]);
}

/**
 * Places in publications that the source has no part in: whoever subscribes to one goes on getting the table's changes.
 * Of a publication that both ends have, the source says which tables are in it.
 */
function followed(
  target: CatalogModel,
  fromDump: readonly RunnableObject[],
  counterpart: (identity: string) => RunnableObject | undefined,
): readonly string[] {
  const publicationsOf = (objects: readonly (RunnableObject | CatalogObject)[]): ReadonlySet<string> =>
    new Set(objects.flatMap(({ needs = [] }) => needs.map(({ identity }) => identity)));
  const isPlace = ({ kind }: { readonly kind: string }): boolean => kind === 'publication table';
  const said = publicationsOf(fromDump.filter(isPlace));
  const comes = new Map(target.objects.map(({ id, identity }) => [id, counterpart(identity) !== undefined]));
  return target.objects
    .filter(isPlace)
    .filter((place) => comes.get(place.partOf ?? '') === true && counterpart(place.identity) === undefined)
    .filter((place) => [...publicationsOf([place])].every((publication) => !said.has(publication)))
    .map(({ id }) => id);
}

/** TARGET_UNSUPPORTED with everything outside that could not be put back as it is. */
function refuse(
  moved: readonly CatalogObject[],
  target: CatalogModel,
  place: {
    readonly rights: TargetRights;
    readonly keptTables: ReadonlySet<string>;
    readonly comes: (identity: string) => boolean;
  },
): void {
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const keptParts = withParts(target.objects, place.keptTables);
  const uses = (role: string): boolean =>
    place.rights.superuser || place.rights.roles.some(({ name, uses }) => uses && name === role);
  const ids = new Set(moved.map(({ id }) => id));
  const faults = moved.flatMap((object): string[] => {
    const { identity, kind, outside, dependsOn, partOf } = object;
    // It goes and comes with the object that it is a part of.
    if (partOf !== null && ids.has(partOf)) return [];
    const inside = dependsOn.flatMap((id) => {
      const needed = byId.get(id);
      return needed === undefined || needed.outside !== undefined ? [] : [needed];
    });
    const names = inside.map((one) => one.identity).join(', ');
    const missing = inside.filter((one) => !place.comes(one.identity) && !keptParts.has(one.id));
    if (missing.length > 0)
      return [
        `${identity} needs ${missing.map((one) => one.identity).join(', ')}, which the source does not have`,
      ];
    if (!madeAgain.has(kind)) return [`${identity} needs ${names}, and cannot be made again around it`];
    const owner = outside?.owner ?? null;
    if (owner !== null && !uses(owner))
      return [`${identity} needs ${names === '' ? 'an object of the run' : names}, and belongs to ${owner}`];
    return [];
  });
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `${faults.length} object(s) outside the schemas of this run hang on objects inside that are made anew, and ` +
      `could not be put back: ${faults.join('; ')}.`,
    {
      details: { objects: faults },
      hint:
        'Bring the source to the same definitions, grant the roles named to the role of this run, or remove these ' +
        'objects from the target yourself.',
    },
  );
}
