import type {
  CatalogModel,
  CatalogObject,
  Neighbour,
  ObjectKind,
  OutsideNeed,
  OutsideObject,
  Reference,
  UnsupportedObject,
} from '../model.ts';
import { isRestingSchema } from './resting-schemas.ts';
import { onlyOrder } from '../only-order.ts';

/** What belongs to the database, or to its extensions, whatever schema it lies in: it takes no part. */
const ofDatabase: ReadonlySet<ObjectKind> = new Set([
  'access method',
  'database setting',
  'event trigger',
  'extension',
  'extension member',
  'foreign data wrapper',
  'language',
  'large objects',
  'publication',
  'server',
  'subscription',
  'user mapping',
] as const);

/** Kinds without a schema of their own: they go with the types and functions that they are about. */
const ofTheirTypes: ReadonlySet<ObjectKind> = new Set(['cast', 'transform'] as const);

export interface RestrictOptions {
  /**
   * Whether objects outside that hang on objects inside are part of the model too, marked by `outside`: a run that
   * makes the ones inside again must put them back.
   */
  readonly withHanging: boolean;
}

/**
 * A model of some schemas alone: all that lies in them, and what hangs on their tables (indexes, triggers, policies,
 * comments, grants, places in publications). What these need of the rest of the database is listed by name in
 * `needs`; of the rest only the names are kept (`restriction.outside`). Large objects lie in no schema. Pure.
 */
export function restrict(
  model: CatalogModel,
  schemas: readonly string[],
  { withHanging }: RestrictOptions,
): CatalogModel {
  const inside = insideOf(model, new Set(schemas));
  const hanging = withHanging ? hangingOn(model, inside) : new Set<string>();
  const remains = (id: string): boolean => inside.has(id) || hanging.has(id);
  const byId = new Map(model.objects.map((object) => [object.id, object]));
  return {
    ...model,
    objects: model.objects
      .filter(({ id }) => remains(id))
      .map((object) => ({
        ...object,
        // What they name, they act on later: an order is not a need.
        dependsOn: object.facts.forRole !== undefined ? [] : object.dependsOn.filter(remains),
        locks: object.locks.filter(({ table }) => remains(table)),
        reference: referenceFrom(object, byId, remains),
        ...(hanging.has(object.id) ? { outside: { owner: ownerOf(object, byId) } } : {}),
        ...needsField(object, byId, remains),
      })),
    tables: model.tables.filter(({ id }) => inside.has(id)),
    sequences: model.sequences.filter(({ id }) => inside.has(id)),
    largeObjects: { count: 0, bytes: 0 },
    unsupported: model.unsupported.filter((object) => concerns(object, inside, schemas)),
    extensions: [],
    extensionMembers: [],
    withheld: [],
    restriction: {
      schemas,
      outside: model.objects
        .filter(({ id, kind }) => !inside.has(id) && !onlyOrder.has(kind))
        .map((object) => outsideObject(object, byId)),
      beside: [
        ...new Set(
          model.objects
            .filter(({ id, kind }) => remains(id) && kind === 'foreign key')
            .flatMap(({ locks }) => locks.map(({ table }) => table))
            .filter((table) => !inside.has(table) && byId.get(table)?.kind === 'table'),
        ),
      ],
      neighbours: neighboursOf(model, inside, remains),
    },
  };
}

/** Without what lies outside the schemas of the model and only hangs on them. */
export function withoutHanging(model: CatalogModel): CatalogModel {
  return model.restriction === null
    ? model
    : { ...model, objects: model.objects.filter(({ outside }) => outside === undefined) };
}

function insideOf(model: CatalogModel, schemas: ReadonlySet<string>): ReadonlySet<string> {
  const byId = new Map(model.objects.map((object) => [object.id, object]));
  const known = new Map<string, boolean>();
  const isInside = (object: CatalogObject): boolean => {
    const found = known.get(object.id);
    if (found !== undefined) return found;
    known.set(object.id, false);
    const answer = decide(object);
    known.set(object.id, answer);
    return answer;
  };
  const decide = (object: CatalogObject): boolean => {
    if (ofDatabase.has(object.kind)) return false;
    const whole = byId.get(object.partOf ?? '');
    if (whole !== undefined) return isInside(whole);
    // Of a table that an extension brings.
    if (object.kind === 'publication table') return false;
    if (ofTheirTypes.has(object.kind))
      return object.dependsOn.some((id) => {
        const needed = byId.get(id);
        return needed !== undefined && isInside(needed);
      });
    return schemas.has(object.kind === 'schema' ? object.name : (object.schema ?? ''));
  };
  return new Set(model.objects.filter(isInside).map(({ id }) => id));
}

/** Objects outside that need one inside, directly or by others outside, with their parts. */
function hangingOn(model: CatalogModel, inside: ReadonlySet<string>): ReadonlySet<string> {
  const hanging = new Set<string>();
  const resting = new Set<string>();
  // Needs stand before what needs them, and so do wholes before their parts.
  for (const object of model.objects) {
    if (inside.has(object.id)) continue;
    // The other state of these same schemas: its functions name in their bodies what has the names at the moment.
    if (isRestingSchema(object.schema ?? '') || resting.has(object.partOf ?? '')) {
      resting.add(object.id);
      continue;
    }
    const isPart = object.partOf !== null && hanging.has(object.partOf);
    const needs =
      !onlyOrder.has(object.kind) && object.dependsOn.some((id) => inside.has(id) || hanging.has(id));
    // Rights that a role gives on all that it will make, in any schema.
    const acts = object.facts.forRole !== undefined && object.schema === null;
    if (isPart || needs || acts) hanging.add(object.id);
  }
  return hanging;
}

function outsideObject(object: CatalogObject, byId: ReadonlyMap<string, CatalogObject>): OutsideObject {
  const { kind, identity, schema } = object;
  const owner = kind === 'publication' ? ownerOf(object, byId) : null;
  return { kind, identity, schema, ...(owner === null ? {} : { owner }) };
}

/** A key that leads outside says to which table, for the model does not have it. */
function referenceFrom(
  { reference }: CatalogObject,
  byId: ReadonlyMap<string, CatalogObject>,
  remains: (id: string) => boolean,
): Reference | undefined {
  if (reference === undefined || remains(reference.referenced)) return reference;
  const table = byId.get(reference.referenced);
  return table === undefined
    ? undefined
    : { ...reference, outside: { schema: table.schema ?? '', name: table.name } };
}

function neighboursOf(
  { objects, tables }: CatalogModel,
  inside: ReadonlySet<string>,
  remains: (id: string) => boolean,
): readonly Neighbour[] {
  const ends = new Set(
    objects.flatMap(({ id, reference }) =>
      reference === undefined || !remains(id) ? [] : [reference.table, reference.referenced],
    ),
  );
  const rows = new Map(tables.map((table) => [table.id, table]));
  return objects
    .filter(({ id, kind }) => kind === 'table' && ends.has(id) && !inside.has(id))
    .map(({ id, schema, name }) => ({ id, schema: schema ?? '', name, rows: rows.get(id) ?? null }));
}

/** The role that may drop the object and make it again; null where nobody owns such an object. */
function ownerOf(object: CatalogObject, byId: ReadonlyMap<string, CatalogObject>): string | null {
  if (object.facts.forRole !== undefined) return object.facts.forRole;
  for (let at: CatalogObject | undefined = object; at !== undefined; at = byId.get(at.partOf ?? '')) {
    const owner = byId.get(`owner:${at.id}`)?.roles[0];
    if (owner !== undefined) return owner;
  }
  return null;
}

function needsField(
  object: CatalogObject,
  byId: ReadonlyMap<string, CatalogObject>,
  remains: (id: string) => boolean,
): { readonly needs?: readonly OutsideNeed[] } {
  if (onlyOrder.has(object.kind)) return {};
  const found = new Map<string, OutsideNeed>();
  for (const id of object.dependsOn) {
    if (remains(id)) continue;
    let needed = byId.get(id);
    // A key needs the other table's key: the table is what people know.
    for (let whole = needed; whole !== undefined; whole = byId.get(whole.partOf ?? '')) needed = whole;
    if (needed === undefined || onlyOrder.has(needed.kind)) continue;
    const { kind, identity, schema } = needed;
    found.set(identity, { kind, identity, schema });
  }
  return found.size === 0 ? {} : { needs: [...found.values()] };
}

/** Things that cannot be carried, and that are no objects of the model, are told by their schema. */
function concerns(
  { objects, table, schema }: UnsupportedObject,
  inside: ReadonlySet<string>,
  schemas: readonly string[],
): boolean {
  if (table !== null) return inside.has(table);
  if (objects.length > 0) return objects.some((id) => inside.has(id));
  return schema !== null && schemas.includes(schema);
}
