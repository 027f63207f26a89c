import type { CatalogModel, CatalogObject } from '../catalog/model.ts';
import { isOfPublicSchema, openToAll } from '../catalog/schemas/public-schema.ts';
import { SyncError } from '../errors/sync-error.ts';
import { meansObject } from './leave-out.ts';
import type { TargetRights } from './target-rights.ts';

/** Databases that every server has, or that a provider needs for its service: no run may put them aside. */
const serversOwn = new Set([
  'postgres',
  'template0',
  'template1',
  'rdsadmin',
  'cloudsqladmin',
  'alloydbadmin',
  'alloydbmetadata',
  'azure_maintenance',
  'azure_sys',
]);

export function isServersOwn(databaseName: string): boolean {
  return serversOwn.has(databaseName);
}

/**
 * The object with its owner or grantor, `schema auth (admin)`, if the run may not act for that role. Null if it may.
 */
export function ofOthers(
  object: CatalogObject,
  byId: ReadonlyMap<string, CatalogObject>,
  rights: Pick<TargetRights, 'roles'>,
): string | null {
  const { kind, identity, roles } = object;
  const uses = (name: string): boolean => rights.roles.some((role) => role.uses && role.name === name);
  const gives = (name: string): boolean => rights.roles.some((role) => role.gives && role.name === name);
  if (kind === 'owner') {
    const [owner] = roles;
    if (owner === undefined || uses(owner)) return null;
    return `${byId.get(object.partOf ?? '')?.identity ?? identity} (${owner})`;
  }
  const { forRole, grantors = [] } = object.facts;
  if (forRole !== undefined) return uses(forRole) ? null : `${identity} (${forRole})`;
  const grantor = grantors.find((role) => !gives(role));
  return grantor === undefined ? null : `${identity} (granted by ${grantor})`;
}

/**
 * What a new database in the target's place would lose for good: objects, extensions and large objects of roles of
 * which this role is not a member, their default privileges and grants, and what only a superuser can make. Empty for
 * a superuser. An extension that anybody may make is lost only if the run does not make it (`makes`).
 */
export function belongsToOthers(
  target: Pick<CatalogModel, 'objects'>,
  rights: TargetRights,
  makes: (extension: string) => boolean,
): readonly string[] {
  if (rights.superuser) return [];
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const trusted = new Set(rights.available.filter(({ superuser }) => !superuser).map(({ name }) => name));
  const installed = new Map(rights.installed.map((one) => [one.name, one]));
  const faultOf = (object: CatalogObject): string | null => {
    const { kind, identity, name } = object;
    // They are copied from the old database to the new one, or stop that (chooseMode).
    if (kind === 'database setting') return null;
    if (kind === 'extension') {
      const found = installed.get(name);
      if (found?.owned === false && !(trusted.has(name) && makes(name)))
        return `${identity} (${found.owner})`;
      return trusted.has(name) || rights.privileged ? null : `${identity} (a superuser’s)`;
    }
    if (isOfPublicSchema(object) && rights.publicSchema?.owned === false && !rights.ownsNewPublic) {
      // As in any new database of a server before 15, except for what its owner changed since.
      if (kind === 'owner' || object.sql === openToAll) return null;
      return `${identity} (${rights.publicSchema.owner})`;
    }
    const whose = ofOthers(object, byId, rights);
    if (whose !== null) return whose;
    // A provider lets its role make objects, but that tells nothing about grants on what comes with PostgreSQL.
    return object.superuser && (!rights.privileged || kind === 'privileges')
      ? `${identity} (a superuser’s)`
      : null;
  };
  return [
    ...new Set(target.objects.flatMap((object) => faultOf(object) ?? [])),
    ...(rights.foreignLargeObjects > 0
      ? [`${rights.foreignLargeObjects} large object(s) of other roles`]
      : []),
  ];
}

/** Names of the extensions that a run makes: those of the dump that are not left out. */
export function extensionsMade(
  objects: readonly { readonly kind: string; readonly name: string; readonly identity: string }[],
  leaveOut: readonly string[],
): (name: string) => boolean {
  const made = new Set(
    objects
      .filter((object) => object.kind === 'extension' && !meansObject(leaveOut, object))
      .map(({ name }) => name),
  );
  return (name) => made.has(name);
}

/** The refusal of mode `replace`, with everything that would be lost. TARGET_PRIVILEGE. */
export function refuseReplace(databaseName: string, role: string, others: readonly string[]): SyncError {
  const reasons = [
    ...(isServersOwn(databaseName) ? ['it is a database of the server itself'] : []),
    ...(others.length === 0
      ? []
      : [
          `${others.length} object(s) in it belong to other roles than "${role}", or can be made again ` +
            `only by a superuser: ${others.join(', ')}`,
        ]),
  ];
  return new SyncError(
    'TARGET_PRIVILEGE',
    `Mode replace is refused on "${databaseName}": a new database would take its place, and ${reasons.join('; ')}.`,
    {
      details: { objects: others },
      hint:
        'No option can carry these into a new database. Choose a database in which everything belongs ' +
        'to this role, or grant the roles named to it.',
    },
  );
}
