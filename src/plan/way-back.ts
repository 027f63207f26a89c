import type { CatalogModel } from '../catalog/model.ts';
import { largeObjectsName } from '../environments/table-policy.ts';
import type { ImportPlan } from './import-plan.ts';
import type { Offer } from './offer.ts';
import { preparePlan } from './prepare-plan.ts';
import type { PreparedPlan, PreparePlanInput } from './prepare-plan.ts';
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
