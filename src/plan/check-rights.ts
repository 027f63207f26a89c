import { publicSchema } from '../catalog/schemas/public-schema.ts';
import { SyncError } from '../errors/sync-error.ts';
import { meetsTarget } from './modes.ts';
import type { Mode } from './modes.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { SchemaNames } from './schema-names.ts';
import type { TargetRights } from './target-rights.ts';

/** A list for reading; `details` has all. */
const namedMax = 20;

/**
 * Roles that owners, grants, policies and others name. TARGET_ROLE_MISSING lists all that the server lacks, and the
 * objects that name a role for another reason than ownership or grants.
 */
export function checkRoles(objects: readonly RunnableObject[], rights: TargetRights): void {
  const known = new Set(rights.roles.map(({ name }) => name));
  const lacking = objects.filter(({ roles }) => roles.some((role) => !known.has(role)));
  const missing = [...new Set(lacking.flatMap(({ roles }) => roles))]
    .filter((role) => !known.has(role))
    .sort();
  if (missing.length === 0) return;
  const others = lacking
    .filter(({ kind }) => kind !== 'owner' && kind !== 'privileges')
    .map(({ identity }) => identity);
  const more = others.length > namedMax ? `, and ${others.length - namedMax} more` : '';
  const named = others.length === 0 ? '' : ` Named by ${others.slice(0, namedMax).join(', ')}${more}.`;
  throw new SyncError(
    'TARGET_ROLE_MISSING',
    `The target’s server lacks ${missing.length} role(s): ${missing.join(', ')}.${named}`,
    {
      details: { roles: missing, objects: others },
      ...(others.length === 0
        ? {}
        : {
            hint:
              'Create the roles named on the target’s server, give their place to others (--map-role), or ' +
              'leave the objects named out (--leave-out).',
          }),
    },
  );
}

/** Extensions that the server does not have. TARGET_EXTENSION_MISSING lists all. */
export function checkExtensions(objects: readonly RunnableObject[], rights: TargetRights): void {
  const known = new Set(rights.available.map(({ name }) => name));
  const missing = objects
    .filter(({ kind, name }) => kind === 'extension' && !known.has(name))
    .map(({ name }) => name)
    .sort();
  if (missing.length === 0) return;
  throw new SyncError(
    'TARGET_EXTENSION_MISSING',
    `The target’s server lacks ${missing.length} extension(s): ${missing.join(', ')}.`,
    { details: { extensions: missing } },
  );
}

/** Extensions that the server makes in another version than the source has: a sentence for all of them. */
export function otherVersions(
  objects: readonly Pick<RunnableObject, 'kind' | 'name'>[],
  extensions: readonly { readonly name: string; readonly version: string }[],
  { available }: Pick<TargetRights, 'available'>,
): readonly string[] {
  const made = new Set(objects.filter(({ kind }) => kind === 'extension').map(({ name }) => name));
  const there = new Map(available.map(({ name, version }) => [name, version]));
  const other = extensions.flatMap(({ name, version }) => {
    const own = there.get(name);
    return !made.has(name) || own === undefined || own === version ? [] : [`${name} ${own} (not ${version})`];
  });
  return other.length === 0
    ? []
    : [
        `The target’s server installs other versions of extensions: ${other.join(', ')}. The command ` +
          'verify reports them as different.',
      ];
}

/** Tablespaces that the server does not have, or the role may not use. TARGET_TABLESPACE_MISSING lists all. */
export function checkTablespaces(objects: readonly RunnableObject[], rights: TargetRights): void {
  const known = new Set(rights.tablespaces);
  const missing = [...new Set(objects.flatMap(({ tablespaces }) => tablespaces))]
    .filter((tablespace) => !known.has(tablespace))
    .sort();
  if (missing.length === 0) return;
  throw new SyncError(
    'TARGET_TABLESPACE_MISSING',
    `The target’s server lacks ${missing.length} tablespace(s), or "${rights.role}" may not use ` +
      `them: ${missing.join(', ')}.`,
    { details: { tablespaces: missing } },
  );
}

/**
 * Objects that PostgreSQL lets only superusers make. TARGET_SUPERUSER lists each. If a provider may have given the
 * role more rights, only a try shows it, so they are returned as warnings.
 */
export function checkSuperuser(
  objects: readonly RunnableObject[],
  rights: Pick<TargetRights, 'role' | 'superuser' | 'privileged' | 'available'>,
): readonly string[] {
  if (rights.superuser) return [];
  const closed = new Set(rights.available.filter(({ superuser }) => superuser).map(({ name }) => name));
  const needing = objects.filter(
    ({ kind, name, superuser }) => superuser || (kind === 'extension' && closed.has(name)),
  );
  // Most are as the target's own extension makes them; then the role needs no privilege.
  const changes = needing.filter(({ kind }) => kind === 'extension member').map(({ identity }) => identity);
  const warnings =
    changes.length === 0
      ? []
      : [
          'PostgreSQL lets only the owner of an extension’s member change it, and that may be another ' +
            `role than "${rights.role}": if the target’s extension differs from ${changes.join(', ')}, ` +
            'the run stops before rows are loaded, and the target stays as it was.',
        ];
  const names = needing.filter(({ kind }) => kind !== 'extension member').map(({ identity }) => identity);
  if (names.length === 0) return warnings;
  if (rights.privileged) {
    return [
      ...warnings,
      `PostgreSQL lets only superusers make ${names.join(', ')}; the provider may allow it to ` +
        `"${rights.role}". If not, the run stops and the target stays as it was.`,
    ];
  }
  throw new SyncError(
    'TARGET_SUPERUSER',
    `"${rights.role}" is no superuser, and PostgreSQL lets only superusers make ${names.length} ` +
      `object(s): ${names.join(', ')}.`,
    { details: { objects: names } },
  );
}

/**
 * Roles that the run's role cannot make an owner, and roles for which it cannot act (default privileges, grants made
 * by others). TARGET_PRIVILEGE lists each object.
 */
export function checkGiving(objects: readonly RunnableObject[], rights: TargetRights): void {
  if (rights.superuser) return;
  const gives = new Set(rights.roles.filter((role) => role.gives).map(({ name }) => name));
  const uses = new Set(rights.roles.filter((role) => role.uses).map(({ name }) => name));
  const faults = objects.flatMap((object): string[] => {
    const [owner] = object.roles;
    if (object.kind === 'owner' && owner !== undefined && !gives.has(owner))
      return [`${object.identity} (${owner})`];
    const { forRole, grantors = [] } = object.facts;
    if (forRole !== undefined && !uses.has(forRole)) return [object.identity];
    const grantor = grantors.find((role) => !gives.has(role));
    return grantor === undefined ? [] : [`${object.identity} (granted by ${grantor})`];
  });
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `"${rights.role}" may not act for the roles that ${faults.length} object(s) ` +
      `need${rights.versionNum >= 160_000 ? ' (SET and INHERIT of a membership)' : ''}: ` +
      `${faults.join(', ')}.`,
    {
      details: { objects: faults },
      hint:
        'GRANT these roles to it, map them to others (--map-role), or leave out ownership and grants ' +
        '(--no-owner, --no-privileges).',
    },
  );
}

/** Only its owner may rename or drop schema public. In a new database from 15 on that is the database's owner. */
export function checkPublicSchema(names: SchemaNames | null, rights: TargetRights, mode: Mode | null): void {
  if (rights.superuser || names === null) return;
  if (names.source !== publicSchema && names.target !== publicSchema) return;
  const may = meetsTarget(mode)
    ? (rights.publicSchema?.owned ?? true) && rights.createsSchemas
    : rights.ownsNewPublic;
  if (may) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `"${rights.role}" does not own schema public of the ` +
      `target${meetsTarget(mode) ? '' : ', nor of a new database on this server'}, so it cannot rename it.`,
    {
      hint:
        'Let a superuser make it the schema’s owner (ALTER SCHEMA public OWNER TO), or use the same ' +
        'schema name in both environments.',
    },
  );
}
