import { isOfLargeObjects } from '../catalog/large-objects/large-objects.ts';
import type { CatalogModel } from '../catalog/model.ts';
import { largeObjectsName } from '../environments/table-policy.ts';
import type { ImportPlan } from './import-plan.ts';
import type { Offer } from './offer.ts';
import { preparePlan } from './prepare-plan.ts';
import type { PreparedPlan, PreparePlanInput } from './prepare-plan.ts';
import type { RunnableObject } from './runnable-object.ts';
import { withParts } from './table-policies.ts';
import type { PolicyObject } from './table-policies.ts';

export interface WayBackInput extends Pick<PreparePlanInput, 'target' | 'rights'> {
  /** What the safety copy holds, or would hold. */
  readonly offer: Offer;
  readonly databaseSettings: boolean;
  /** What may be lacking in the safety copy because it cannot be carried. */
  readonly leaveOut: readonly string[];
  /** Identities of what stays in the target in the run, and in its undo again. */
  readonly stays: readonly string[];
  /** Ids of what stays in the target in the run. */
  readonly staying: ReadonlySet<string>;
}

/**
 * The plan of an undo in place, as if it came at once: everything in the safety copy, made again in the database of
 * which it was taken. Its faults make the undo impossible, whatever the rows are. Pure. Two things are left out of
 * `trial`, which is made and rolled back. Large objects have no definition that could fail, and each that is removed
 * takes a lock. Subscriptions are made without asking anybody, and dropping one forgets how far it has come, which a
 * rollback does not bring back.
 */
export function planWayBack({
  offer,
  target,
  rights,
  databaseSettings,
  leaveOut,
  stays,
  staying,
}: WayBackInput): PreparedPlan & { readonly trial: ImportPlan | null } {
  const prepared = preparePlan(
    {
      // An undo says by itself in which versions it makes its extensions.
      offer: { ...offer, extensions: [] },
      target,
      rights,
      names: null,
      mode: 'in-place',
      rules: [{ table: largeObjectsName, policy: 'preserve' }],
      along: { owners: true, privileges: true, databaseSettings },
      leaveOut: [],
      // What the options leave out stays, and may be what cannot be carried.
      stays: [...stays, ...leaveOut],
      roles: {},
    },
    staying,
  );
  const { plan } = prepared;
  if (plan === null) return { ...prepared, trial: null };
  const [made, there] = [asideOf(plan.objects), asideOf(target.objects)];
  return {
    ...prepared,
    trial: {
      ...plan,
      objects: plan.objects.filter(({ id }) => !made.has(id)),
      staying: new Set([...plan.staying, ...there]),
    },
  };
}

function asideOf(objects: readonly PolicyObject[]): ReadonlySet<string> {
  const roots = objects.filter(({ kind }) => kind === 'subscription').map(({ id }) => id);
  return withParts(objects, new Set(roots));
}

/** Kinds that run code of users, or are built by it. */
const ofUsers: ReadonlySet<string> = new Set([
  'function',
  'procedure',
  'aggregate',
  'base type',
  'language',
  'extension member',
]);

/** Kinds that no row of their table meets while it is loaded. */
const withoutRows: ReadonlySet<string> = new Set([
  'comment',
  'foreign key',
  'owner',
  'policy',
  'privileges',
  'publication table',
  'row security',
  'rule',
  'security label',
  'trigger',
]);

/**
 * The tables whose rows are loaded from the safety copy, to see that they fit its definitions: all, if they have at
 * most `bytesMax`; else those on which code of users runs (a check, a generated column, an index, a domain), and
 * those whose values name objects. Other rows already satisfy the same definitions in the live table.
 */
export function rowsToTry(
  { objects, load }: Pick<ImportPlan, 'objects' | 'load'>,
  bytesMax: number,
): { readonly tables: ImportPlan['load']; readonly all: boolean } {
  if (load.reduce((sum, { rawBytes }) => sum + rawBytes, 0) <= bytesMax) return { tables: load, all: true };
  return { tables: meeting(ofUsers, { objects, load }), all: false };
}

/**
 * The tables of which a row may come out of a load other than it went in: code of users or of an extension makes it,
 * or its values name objects. Everywhere else the server's own functions read again what they have written.
 */
export function rowsToCompare(plan: Pick<ImportPlan, 'objects' | 'load'>): ImportPlan['load'] {
  return meeting(new Set([...ofUsers, 'extension']), plan);
}

/** The tables whose rows meet objects of these kinds, and those whose values name objects. */
function meeting(
  kinds: ReadonlySet<string>,
  { objects, load }: Pick<ImportPlan, 'objects' | 'load'>,
): ImportPlan['load'] {
  const reached = new Set(objects.filter(({ kind }) => kinds.has(kind)).map(({ id }) => id));
  const tables = new Set<string>();
  // An object stands before those that need it; a part of a table counts as its table.
  for (const object of objects) {
    if (isOfLargeObjects(object) || withoutRows.has(object.kind)) continue;
    if (!reached.has(object.id) && !object.dependsOn.some((id) => reached.has(id))) continue;
    reached.add(object.id);
    if (object.kind === 'table') tables.add(object.id);
    else if (object.partOf !== null) tables.add(object.partOf);
  }
  const below = withBelow(objects, tables);
  return load.filter(
    ({ id, columns }) => below.has(id) || columns.some(({ type }) => /^reg[a-z]+(?:\[\])?$/.test(type)),
  );
}

/** Partitions and children have what their parents have. */
function withBelow(objects: readonly RunnableObject[], roots: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set(roots);
  for (let size = -1; size < found.size;) {
    size = found.size;
    for (const { id, kind, partOf, dependsOn } of objects) {
      const below = kind === 'table' ? id : kind === 'partition attach' ? partOf : null;
      if (below !== null && dependsOn.some((need) => need !== below && found.has(need))) found.add(below);
    }
  }
  return found;
}

/** Kinds of an extension's changes that the copy makes only where they are missing. */
const notCompared: ReadonlySet<string> = new Set(['extension member', 'large objects', 'sequence value']);

/**
 * Identities of objects that the target has and its copy lacks, so that an undo does not bring them back. `objects`:
 * the copy's.
 */
export function lacking(
  target: Pick<CatalogModel, 'objects'>,
  objects: readonly { readonly identity: string }[],
  staying: ReadonlySet<string>,
): readonly string[] {
  const copied = new Set(objects.map(({ identity }) => identity));
  return target.objects
    .filter(
      ({ id, kind, identity, outside }) =>
        outside === undefined && !staying.has(id) && !notCompared.has(kind) && !copied.has(identity),
    )
    .map(({ identity }) => identity);
}

/** What is known about an undo in place that does not restore everything. */
export interface UndoFacts {
  readonly target: Pick<CatalogModel, 'objects' | 'extensions'>;
  /** What the safety copy holds, or would hold. */
  readonly copied: readonly { readonly identity: string }[];
  /** Identities of what the options leave out of it. */
  readonly leftOut: readonly string[];
  /** What was not read for it because it holds secrets. */
  readonly withheld: CatalogModel['withheld'];
  /** Of the undo. */
  readonly plan: Pick<ImportPlan, 'objects' | 'staying'>;
  readonly rights: Pick<PreparePlanInput['rights'], 'available'>;
}

/**
 * What an undo in place would not restore as it was: objects that the safety copy lacks, and extensions of which the
 * server offers another version now, because `CREATE EXTENSION` makes the version that is offered.
 */
export function undoLacks({ target, copied, leftOut, withheld, plan, rights }: UndoFacts): readonly string[] {
  const stays = new Set(
    target.objects.filter(({ id }) => plan.staying.has(id)).map(({ identity }) => identity),
  );
  const absent = [
    ...new Set([
      ...lacking(target, copied, plan.staying),
      ...leftOut.filter((identity) => !stays.has(identity)),
    ]),
  ];
  // Subscriptions that are not read are not dropped.
  const secrets = withheld
    .filter(({ kind, identity }) => kind !== 'subscription' && !absent.includes(identity))
    .map(({ identity }) => identity);
  const made = new Set(plan.objects.filter(({ kind }) => kind === 'extension').map(({ name }) => name));
  const offered = new Map(rights.available.map(({ name, version }) => [name, version]));
  return [
    ...[...absent, ...secrets].map((identity) => `${identity} (not in the safety copy)`),
    ...target.extensions.flatMap(({ name, version }) => {
      const then = offered.get(name);
      return !made.has(name) || then === undefined || then === version
        ? []
        : [`extension ${name} (in version ${then}, which the server offers, not in ${version})`];
    }),
  ];
}
