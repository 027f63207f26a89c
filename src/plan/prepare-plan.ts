import { mapRoles } from '../catalog/map-roles.ts';
import type { CatalogModel } from '../catalog/model.ts';
import type { RoleMap } from '../catalog/map-roles.ts';
import type { SyncError } from '../errors/sync-error.ts';
import { asSyncError } from '../errors/sync-error.ts';
import { checkFeatures, xmlWarnings } from './check-features.ts';
import { checkFoundByPath } from './check-found-by-path.ts';
import { checkMembers, otherMembers } from './check-members.ts';
import type { OtherMembers } from './check-members.ts';
import { checkNames } from './check-names.ts';
import { checkDropping, checkInCopy } from './check-dropping.ts';
import {
  checkExtensions,
  checkGiving,
  checkPublicSchema,
  checkRoles,
  checkSuperuser,
  checkTablespaces,
  otherVersions,
} from './check-rights.ts';
import { checkRowSecurity } from './check-row-security.ts';
import { checkVersions } from './check-versions.ts';
import { followerWarnings } from './followers.ts';
import { checkGivenPublic, givenPublic } from './given-public.ts';
import { hanging } from './hanging.ts';
import type { Hanging } from './hanging.ts';
import { kindsLeftOut, planImport } from './import-plan.ts';
import type { ImportPlan, ImportPlanInput } from './import-plan.ts';
import { leaveOut } from './leave-out.ts';
import { mentions, mentionWarnings } from './mentions.ts';
import { forMissingRoles, missingEntry, withoutMissing } from './missing.ts';
import type { WithoutMissing } from './missing.ts';
import { leavesObjects, meetsTarget } from './modes.ts';
import type { Mode } from './modes.ts';
import type { Offer } from './offer.ts';
import type { OutgoingKeys } from './outgoing-keys.ts';
import { checkOutsideNeeds, checkPlaces } from './outside-needs.ts';
import type { RunnableObject } from './runnable-object.ts';
import { rulesOf } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { ofSchemaItself } from './schema-itself.ts';
import { sameTypes } from './same-types.ts';
import { staying } from './staying.ts';
import type { Staying } from './staying.ts';
import { tablePolicies } from './table-policies.ts';
import { asOutside, tablesThatStay, withoutStayingTables } from './tables-that-stay.ts';
import type { StayingTables } from './tables-that-stay.ts';
import type { TargetRights } from './target-rights.ts';
import { vanishing } from './vanishing.ts';
import { withoutUnsupported } from './without.ts';

export interface PreparePlanInput extends Pick<ImportPlanInput, 'target' | 'rules' | 'along' | 'names'> {
  readonly offer: Offer;
  readonly mode: Mode | null;
  readonly rights: TargetRights;
  /** Kinds and identities of objects that may be left out. */
  readonly leaveOut: readonly string[];
  /** Identities of what stayed in the target in the run that this one undoes. */
  readonly stays?: readonly string[] | undefined;
  readonly roles: RoleMap;
}

export interface PreparedPlan {
  /** Null where not even that could be made. */
  readonly plan: ImportPlan | null;
  /** Identities of what the options leave out, with everything that goes with it. */
  readonly leftOut: readonly string[];
  /** Grants and policies of the offer without roles that the target lacks. */
  readonly narrowed: readonly RunnableObject[];
  /** Identities of what stays in the target, in place, because the options leave it out. */
  readonly stayed: readonly string[];
  /** Whether everything was decided that what stays, goes and comes hangs on; else nobody can tell that. */
  readonly decided: boolean;
  readonly warnings: readonly string[];
  /** What a run may find, for a plan; the run's receipt says what it has found. */
  readonly forecasts: readonly string[];
  /** Every fault; a run stops at the first. */
  readonly faults: readonly SyncError[];
}

/**
 * Turns the contents of a source or dump into what the target will get: maps roles, leaves out named objects, matches
 * what stays in the target, and checks whether this server and this role can do it. Pure. A plan shows all faults, a
 * run throws the first. `typesThatStay`: ids of types of the target that may stay as they are, where the offer has the
 * same; undefined for all.
 */
export function preparePlan(input: PreparePlanInput, typesThatStay?: ReadonlySet<string>): PreparedPlan {
  const { offer, rights, target, mode } = input;
  const names = input.names ?? null;
  const faults = new Faults();
  if (names !== null && !leavesObjects(mode)) checkRenaming(names, input, faults);
  const wanted = wantedOf(input, faults);
  if (leavesObjects(mode)) return rowsAlone(input, wanted, faults);
  const there = stayingThere(input, { wanted: wanted.objects, typesThatStay }, faults);
  const plan = faults.attempt(() =>
    planImport({
      ...input,
      offer: { ...offer, objects: there.made, outgoing: wanted.outgoing },
      target: there.known ?? target,
      targetHasPublic: rights.publicSchema !== null,
      staying: there.ids,
      hanging: there.hangs === null ? undefined : { ...there.hangs, standing: there.standing ?? undefined },
      uncompared: mergedGrants(offer.objects, input.roles),
      allowed: [...wanted.entries, ...(input.stays ?? [])],
    }),
  );
  const others = membersThere(input, wanted.objects, there);
  const decided = mode !== null && plan !== null && wanted.decided && there.decided;
  const warnings = [
    ...(names === null ? [] : [`Schema "${names.source}" of the source is "${names.target}" in the target.`]),
    ...(there.stays?.notes ?? []),
    ...(there.standing?.notes ?? []),
    ...others.stay,
    ...(plan === null ? [] : checkPlan(plan, input, { wanted, there, decided }, faults)),
  ];
  return {
    plan,
    decided,
    leftOut: wanted.leftOut,
    narrowed: wanted.narrowed,
    stayed: [
      ...(there.stays?.stayed ?? []),
      ...(plan !== null && meetsTarget(mode) ? untouched(target, plan) : []),
    ],
    warnings: [...warnings, ...(plan?.warnings ?? [])],
    forecasts: others.forecasts,
    faults: faults.found,
  };
}

/**
 * The plan of a run that makes no objects: which rows come, go and stay. The definitions at both ends are compared by
 * who knows both (check/merge).
 */
function rowsAlone(input: PreparePlanInput, wanted: Wanted, faults: Faults): PreparedPlan {
  const plan = faults.attempt(() =>
    planImport({
      ...input,
      offer: { ...input.offer, objects: wanted.objects, outgoing: wanted.outgoing },
      targetHasPublic: input.rights.publicSchema !== null,
      uncompared: mergedGrants(input.offer.objects, input.roles),
      allowed: [...input.leaveOut, ...(input.stays ?? [])],
    }),
  );
  const names = input.names ?? null;
  return {
    plan,
    decided: plan !== null && wanted.decided,
    leftOut: wanted.leftOut,
    narrowed: wanted.narrowed,
    stayed: [],
    warnings: [
      ...(names === null
        ? []
        : [`Schema "${names.source}" of the source is "${names.target}" in the target.`]),
      ...(plan?.warnings ?? []),
    ],
    forecasts: [],
    faults: faults.found,
  };
}

/** Under two names of a schema its members have two names as well, and nothing can be said before a run. */
function membersThere(
  { offer, target, leaveOut: entries, stays: stayed = [], names = null }: PreparePlanInput,
  objects: readonly RunnableObject[],
  { stays }: StayingThere,
): OtherMembers {
  const { extensionMembers: members, sourceVersionNum: versionNum } = offer;
  if (names !== null || members === undefined) return { stay: [], forecasts: [] };
  const source = { members, leftOut: new Set([...entries, ...stayed]), versionNum, objects };
  return otherMembers(source, target, stays?.matched ?? new Set());
}

/** Collects faults, so that a plan can show all of them. */
class Faults {
  readonly found: SyncError[] = [];

  /** What the work returns; null where it found a fault. */
  attempt<T>(work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      this.found.push(asSyncError(error));
      return null;
    }
  }
}

function checkRenaming(names: SchemaNames, { offer, rights, mode }: PreparePlanInput, faults: Faults): void {
  const movable = new Set(rights.available.filter(({ relocatable }) => relocatable).map(({ name }) => name));
  faults.attempt(() => checkNames(names, offer.objects, (name) => movable.has(name)));
  faults.attempt(() => checkPublicSchema(names, rights, mode));
}

/** What of the offer is asked for, with the target's roles. */
interface Wanted {
  readonly objects: readonly RunnableObject[];
  readonly outgoing: OutgoingKeys | undefined;
  /** Identities of what the options leave out. */
  readonly leftOut: readonly string[];
  readonly narrowed: PreparedPlan['narrowed'];
  /** Kinds and identities that may be left out. */
  readonly entries: readonly string[];
  readonly decided: boolean;
}

function wantedOf(input: PreparePlanInput, faults: Faults): Wanted {
  const { offer, along, roles } = input;
  const lacking = withoutWhatIsMissing(input);
  const entries = [...input.leaveOut, ...lacking.out];
  const split = faults.attempt(() => leaveOut(lacking.objects, entries));
  const leading = faults.attempt(() => leaveOut(offer.outgoing?.objects ?? [], entries));
  const mapped = faults.attempt(() =>
    (split?.remaining ?? lacking.objects).map((object) =>
      // Objects that the target keeps name its own roles.
      object.kind === 'database setting' && !along.databaseSettings ? object : mapRoles(object, roles),
    ),
  );
  return {
    objects: mapped ?? offer.objects,
    outgoing:
      offer.outgoing === undefined ? undefined : { ...offer.outgoing, objects: leading?.remaining ?? [] },
    leftOut: [
      ...[...(split?.out ?? []), ...(leading?.out ?? [])].map(({ identity }) => identity),
      ...lacking.narrowed.map(forMissingRoles),
    ],
    entries,
    narrowed: lacking.narrowed,
    decided: split !== null && leading !== null && mapped !== null,
  };
}

/** The offer without what needs things that the target lacks, if that is asked for. */
function withoutWhatIsMissing({
  offer,
  leaveOut: entries,
  target,
  rights,
  roles,
  along,
  names = null,
}: PreparePlanInput): WithoutMissing<RunnableObject> {
  if (!entries.includes(missingEntry)) return { objects: offer.objects, out: [], narrowed: [] };
  const apart = kindsLeftOut(along);
  const there = { ...rights, restriction: target.restriction, standIns: roles };
  const found = withoutMissing(
    offer.objects.filter(({ kind }) => !apart.has(kind)),
    there,
    names,
  );
  const byId = new Map(found.objects.map((object) => [object.id, object]));
  return { ...found, objects: offer.objects.map((object) => byId.get(object.id) ?? object) };
}

/** What stays in the target as it is, and what of the dump is not made for that reason. */
interface StayingThere {
  /** The target without what cannot be made again and may be left out. */
  readonly known: CatalogModel | null;
  readonly stays: Staying | null;
  readonly hangs: Hanging | null;
  /** Ids in the target. */
  readonly ids: ReadonlySet<string>;
  /** Of the dump. */
  readonly made: readonly RunnableObject[];
  /** The target's own tables, with their rows, that stay in their place. */
  readonly standing: StayingTables | null;
  readonly decided: boolean;
}

function stayingThere(
  input: PreparePlanInput,
  {
    wanted,
    typesThatStay,
  }: {
    readonly wanted: readonly RunnableObject[];
    readonly typesThatStay: ReadonlySet<string> | undefined;
  },
  faults: Faults,
): StayingThere {
  const { target, rights, mode, leaveOut: entries, stays: stayed = [], names = null } = input;
  const without = faults.attempt(() => withoutUnsupported(target, [...entries, ...stayed]).model);
  const leftOutKinds = kindsLeftOut(input.along);
  const { offer, rules } = input;
  const unmoved = faults.attempt(() => tablesThatStay({ target, offer, wanted, rules, mode, leftOutKinds }));
  const known = without === null ? null : asOutside(without, unmoved?.ids ?? new Set());
  if (meetsTarget(mode) && known !== null) faults.attempt(() => checkInCopy(known));
  const stays = faults.attempt(() =>
    staying({ target, rights, mode, leaveOut: entries, stays: stayed, names }, wanted),
  );
  const policies = tablePolicies(target.objects, rulesOf(input.rules, names, 'target'));
  const keptTables = new Set(
    [...policies].filter(([, policy]) => policy === 'exclude' || policy === 'preserve').map(([id]) => id),
  );
  const given = givenPublic({ target, rights, mode, names }, wanted);
  const itself = ofSchemaItself(target.objects, target.restriction?.schemas ?? []);
  const settled = new Set([...(stays?.ids ?? []), ...given.ids, ...itself]);
  const alike = sameTypes({ target, mode, names, staying: settled, among: typesThatStay }, wanted).ids;
  const hangs = faults.attempt(() =>
    hanging({ target: known ?? target, rights, names, keptTables, alike }, wanted),
  );
  const anyway = new Set([...(stays?.ids ?? []), ...(hangs?.staying ?? []), ...given.ids]);
  const types = sameTypes({ target, mode, names, staying: anyway, among: typesThatStay }, wanted);
  const matched = new Set([
    ...(stays?.matched ?? []),
    ...(hangs?.matched ?? []),
    ...given.matched,
    ...types.matched,
    ...(unmoved?.matched ?? []),
  ]);
  return {
    known,
    stays,
    hangs,
    ids: new Set([...anyway, ...types.ids]),
    made: withoutStayingTables(wanted, matched),
    standing: unmoved,
    decided: unmoved !== null && known !== null && stays !== null && hangs !== null,
  };
}

/** Whether this server and this role can do what the plan says. Returns a sentence for each thing to know. */
function checkPlan(
  plan: ImportPlan,
  input: PreparePlanInput,
  {
    wanted,
    there,
    decided,
  }: { readonly wanted: Wanted; readonly there: StayingThere; readonly decided: boolean },
  faults: Faults,
): readonly string[] {
  const { offer, target, rights, mode, names = null } = input;
  const { objects } = plan;
  // While the target holds objects of others, remedies for owners and grants do not help.
  const dropping =
    (mode !== null && !meetsTarget(mode)) || there.hangs === null
      ? null
      : faultOf(() => checkDropping(target, rights, plan));
  faults.attempt(() => checkOutsideNeeds(objects, target, names));
  faults.attempt(() => checkPlaces(objects, target, rights));
  faults.attempt(() => checkVersions(objects, offer.sourceVersionNum, rights.versionNum));
  const paths = faults.attempt(() => checkFoundByPath(objects, offer.sourceVersionNum, rights.versionNum));
  if (dropping === null) faults.attempt(() => checkRoles(objects, rights));
  faults.attempt(() => checkExtensions(objects, rights));
  faults.attempt(() => checkTablespaces(objects, rights));
  faults.attempt(() => checkFeatures(objects, rights));
  const made = new Set(objects.map(({ id }) => id));
  const matched = there.stays?.matched ?? new Set<string>();
  const members = faults.attempt(() => checkMembers(wanted.objects, made, { target, rights, matched }));
  const superuser = faults.attempt(() => checkSuperuser(objects, rights));
  if (dropping === null) faults.attempt(() => checkGiving(objects, rights));
  const givenPublicFault = faultOf(() => checkGivenPublic({ target, rights, mode, names }, plan));
  if (givenPublicFault !== null) faults.found.push(givenPublicFault);
  faults.attempt(() => checkRowSecurity(plan, rights));
  if (meetsTarget(mode) && dropping !== null) {
    if (there.stays !== null && givenPublicFault === null) faults.found.unshift(dropping);
    else faults.found.push(dropping);
  }
  const fromDump = objects.filter(({ id }) => !plan.fromTarget.has(id));
  return [
    ...(paths ?? []),
    ...(members ?? []),
    ...xmlWarnings(plan, rights),
    ...otherVersions(objects, offer.extensions, rights),
    ...(superuser ?? []),
    ...(meetsTarget(mode) ? followerWarnings(target, rights, plan) : []),
    ...(names === null ? [] : mentionWarnings(mentions(fromDump, names), names)),
    ...(decided ? vanishing(target, plan) : []),
    ...uncomparedNotes(plan),
  ];
}

/**
 * Objects of the target of kinds that the options leave out and that belong to nothing which is replaced, such as
 * grants on the server's own functions. They stay, so an undo needs no privilege to make them again.
 */
function untouched(target: CatalogModel, { leftOutKinds }: ImportPlan): readonly string[] {
  return target.objects
    .filter(
      ({ kind, partOf, dropSql, dependsOn }) =>
        leftOutKinds.has(kind) && partOf === null && dropSql !== null && dependsOn.length === 0,
    )
    .map(({ identity }) => identity);
}

function faultOf(check: () => void): SyncError | null {
  try {
    check();
    return null;
  } catch (error) {
    return asSyncError(error);
  }
}

/**
 * Grants in which two roles become one, or a role becomes the owner. The server merges them, so afterwards it lists
 * fewer grants than were made.
 */
function mergedGrants(objects: readonly RunnableObject[], map: RoleMap): ReadonlySet<string> {
  const now = (role: string): string => (Object.hasOwn(map, role) ? (map[role] ?? role) : role);
  const owners = new Map(
    objects.flatMap(({ kind, partOf, roles: [owner] }) =>
      kind === 'owner' && owner !== undefined && partOf !== null ? [[partOf, owner] as const] : [],
    ),
  );
  const merged = objects.filter(({ kind, partOf, roles }) => {
    if (kind !== 'privileges' || !roles.some((role) => Object.hasOwn(map, role))) return false;
    const owner = owners.get(partOf ?? '');
    const becomesOwner =
      owner !== undefined && roles.some((role) => role !== owner && now(role) === now(owner));
    return becomesOwner || new Set(roles.map(now)).size < new Set(roles).size;
  });
  return new Set(merged.map(({ id }) => id));
}

function uncomparedNotes({ objects, uncompared: ids }: ImportPlan): readonly string[] {
  const names = objects.filter(({ id }) => ids.has(id)).map(({ identity }) => identity);
  return names.length === 0
    ? []
    : [
        `Roles are mapped, and the server merges grants: ${names.join(', ')} are granted, but not compared one by one.`,
      ];
}
