import { mapRoles } from '../catalog/map-roles.ts';
import type { CatalogModel } from '../catalog/model.ts';
import type { RoleMap } from '../catalog/map-roles.ts';
import type { SyncError } from '../errors/sync-error.ts';
import { asSyncError } from '../errors/sync-error.ts';
import { checkFeatures, xmlWarnings } from './check-features.ts';
import { checkFoundByPath } from './check-found-by-path.ts';
import { checkMembers } from './check-members.ts';
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
import { planImport } from './import-plan.ts';
import type { ImportPlan, ImportPlanInput } from './import-plan.ts';
import { leaveOut } from './leave-out.ts';
import { mentions, mentionWarnings } from './mentions.ts';
import type { RunnableObject } from './runnable-object.ts';
import { staying } from './staying.ts';
import type { TargetRights } from './target-rights.ts';
import { vanishing } from './vanishing.ts';
import { withoutUnsupported } from './without.ts';

export interface PreparePlanInput extends Omit<
  ImportPlanInput,
  'staying' | 'uncompared' | 'targetHasPublic'
> {
  readonly sourceVersionNum: number;
  /** As the source has them. */
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
  readonly mode: 'replace' | 'in-place' | null;
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
  /** Identities of what stays in the target, in place, because the options leave it out. */
  readonly stayed: readonly string[];
  /** Whether everything was decided that what stays, goes and comes hangs on; else nobody can tell that. */
  readonly decided: boolean;
  readonly warnings: readonly string[];
  /** Every fault; a run stops at the first. */
  readonly faults: readonly SyncError[];
}

/**
 * Turns the contents of a source or dump into what the target will get: maps roles, leaves out named objects, matches
 * what stays in the target, and checks whether this server and this role can do it. Pure. A plan shows all faults, a
 * run throws the first.
 */
export function preparePlan(input: PreparePlanInput): PreparedPlan {
  const { rights, target, mode } = input;
  const names = input.names ?? null;
  const faults: SyncError[] = [];
  const attempt = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      faults.push(asSyncError(error));
      return null;
    }
  };
  if (names !== null) {
    const movable = new Set(
      rights.available.filter(({ relocatable }) => relocatable).map(({ name }) => name),
    );
    attempt(() => checkNames(names, input.objects, (name) => movable.has(name)));
    attempt(() => checkPublicSchema(names, rights, mode));
  }
  const split = attempt(() => leaveOut(input.objects, input.leaveOut));
  const leading = attempt(() => leaveOut(input.outgoing?.objects ?? [], input.leaveOut));
  const mapped = attempt(() =>
    (split?.remaining ?? input.objects).map((object) =>
      // Objects that the target keeps name its own roles.
      object.kind === 'database setting' && !input.databaseSettings ? object : mapRoles(object, input.roles),
    ),
  );
  const wanted = mapped ?? input.objects;
  const { leaveOut: entries, stays: stayed = [] } = input;
  const known = attempt(() => withoutUnsupported(target, [...entries, ...stayed]).model);
  if (mode === 'in-place' && known !== null) attempt(() => checkInCopy(known));
  const stays = attempt(() =>
    staying({ target, rights, mode, leaveOut: entries, stays: stayed, names }, wanted),
  );
  const place = { target, rights, mode, names };
  const given = givenPublic(place, wanted);
  const plan = attempt(() =>
    planImport({
      ...input,
      outgoing:
        input.outgoing === undefined ? undefined : { ...input.outgoing, objects: leading?.remaining ?? [] },
      target: known ?? target,
      objects: wanted.filter(({ id }) => stays?.matched.has(id) !== true && !given.matched.has(id)),
      targetHasPublic: rights.publicSchema !== null,
      staying: new Set([...(stays?.ids ?? []), ...given.ids]),
      uncompared: mergedGrants(input.objects, input.roles),
    }),
  );
  const decided =
    mode !== null &&
    plan !== null &&
    [split, leading, mapped, known, stays].every((decision) => decision !== null);
  const warnings: string[] = [
    ...(names === null ? [] : [`Schema "${names.source}" of the source is "${names.target}" in the target.`]),
    ...(stays?.notes ?? []),
  ];
  if (plan !== null) {
    // While the target holds objects of others, remedies for owners and grants do not help.
    const dropping = mode === 'replace' ? null : faultOf(() => checkDropping(target, rights, plan));
    attempt(() => checkVersions(plan.objects, input.sourceVersionNum, rights.versionNum));
    warnings.push(
      ...(attempt(() => checkFoundByPath(plan.objects, input.sourceVersionNum, rights.versionNum)) ?? []),
    );
    if (dropping === null) attempt(() => checkRoles(plan.objects, rights));
    attempt(() => checkExtensions(plan.objects, rights));
    attempt(() => checkTablespaces(plan.objects, rights));
    attempt(() => checkFeatures(plan.objects, rights));
    const made = new Set(plan.objects.map(({ id }) => id));
    const matched = stays?.matched ?? new Set<string>();
    warnings.push(...(attempt(() => checkMembers(wanted, made, { target, rights, matched })) ?? []));
    warnings.push(...xmlWarnings(plan, rights), ...otherVersions(plan.objects, input.extensions, rights));
    warnings.push(...(attempt(() => checkSuperuser(plan.objects, rights)) ?? []));
    if (dropping === null) attempt(() => checkGiving(plan.objects, rights));
    const givenPublicFault = faultOf(() => checkGivenPublic(place, plan));
    if (givenPublicFault !== null) faults.push(givenPublicFault);
    attempt(() => checkRowSecurity(plan, rights));
    if (mode === 'in-place') {
      if (dropping !== null && stays !== null && givenPublicFault === null) faults.unshift(dropping);
      else if (dropping !== null) faults.push(dropping);
      warnings.push(...followerWarnings(target, rights, plan));
    }
    if (names !== null) {
      const fromDump = plan.objects.filter(({ id }) => !plan.carried.has(id));
      warnings.push(...mentionWarnings(mentions(fromDump, names), names));
    }
    if (decided) warnings.push(...vanishing(target, plan));
    warnings.push(...uncomparedNotes(plan));
  }
  return {
    plan,
    decided,
    leftOut: [...(split?.out ?? []), ...(leading?.out ?? [])].map(({ identity }) => identity),
    stayed: [
      ...(stays?.stayed ?? []),
      ...(plan !== null && mode === 'in-place' ? untouched(target, plan) : []),
    ],
    warnings: [...warnings, ...(plan?.warnings ?? [])],
    faults,
  };
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
