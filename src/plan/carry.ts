import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import { displayName } from '../catalog/display-name.ts';
import { unsupportedText } from '../catalog/unsupported/unsupported.ts';
import type { CatalogModel, CatalogObject, CatalogTable } from '../catalog/model.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import { publicSchema, rulesOf } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { tablePolicies, withParts } from './table-policies.ts';
import type { RunnableObject } from './runnable-object.ts';

export interface Carried {
  /** Objects of the target that are carried over, with ids that differ from all of the dump's. */
  readonly objects: readonly RunnableObject[];
  /** Their tables with rows. */
  readonly tables: readonly CatalogTable[];
  /** The id under which an object of the target appears in the new database's plan. */
  readonly idOf: (targetId: string) => string;
}

/**
 * Tables of the target that must stay although the dump has no such table: excluded ones, and preserved ones that the
 * source does not have. They are carried over with all their parts, and with everything they need in the target that
 * the dump does not bring (compared by identity, whatever the schema is called there). Their statements stay in the
 * target's names. TARGET_KEPT_TABLE when one needs a table with rows that the new database will not have.
 */
export function carryFromTarget(
  fromDump: readonly RunnableObject[],
  target: CatalogModel,
  rules: readonly TablePolicyRule[],
  { names, staying }: { readonly names: SchemaNames | null; readonly staying: ReadonlySet<string> },
): Carried {
  const dumpIdOf = dumpIdsByIdentity(fromDump, names);
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const policies = tablePolicies(target.objects, rulesOf(rules, names, 'target'));
  const roots = target.objects.filter(
    ({ id, identity }) =>
      (policies.get(id) === 'exclude' || policies.get(id) === 'preserve') && dumpIdOf(identity) === undefined,
  );
  refuseUnsupported(target, new Set(roots.map(({ id }) => id)));
  // The target's schema public stays as it is if the source's objects go into a schema of another name.
  if (names?.source === publicSchema) roots.push(...target.objects.filter(isOfPublicSchema));

  const chosen = new Set<string>();
  const open: CatalogObject[] = [];
  const take = (id: string): void => {
    for (const part of withParts(target.objects, new Set([id]))) {
      const object = byId.get(part);
      if (
        object === undefined ||
        chosen.has(part) ||
        staying.has(part) ||
        dumpIdOf(object.identity) !== undefined
      )
        continue;
      chosen.add(part);
      open.push(object);
    }
  };
  const rootIds = new Set(roots.map(({ id }) => id));
  for (const id of rootIds) take(id);
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    for (const id of object.dependsOn) {
      const needed = byId.get(id);
      if (
        needed === undefined ||
        chosen.has(id) ||
        staying.has(id) ||
        dumpIdOf(needed.identity) !== undefined
      )
        continue;
      if (needed.kind === 'table' && !rootIds.has(id)) {
        throw new SyncError(
          'TARGET_KEPT_TABLE',
          `${object.identity} must be kept and needs ${needed.identity}, which the source does not have.`,
        );
      }
      take(id);
    }
  }

  const newId = (id: string): string => dumpIdOf(byId.get(id)?.identity ?? '') ?? `target/${id}`;
  const objects = target.objects
    .filter(({ id }) => chosen.has(id))
    .map(({ dropSql: _dropSql, ...object }) => ({
      ...object,
      id: newId(object.id),
      dependsOn: object.dependsOn.map(newId),
      partOf: object.partOf === null ? null : newId(object.partOf),
      locks: object.locks.map(({ table, mode }) => ({ table: newId(table), mode })),
      reference:
        object.reference === undefined
          ? undefined
          : {
              ...object.reference,
              table: newId(object.reference.table),
              referenced: newId(object.reference.referenced),
            },
    }));
  return { objects, tables: target.tables.filter(({ id }) => chosen.has(id)), idOf: newId };
}

/** The object of the dump that corresponds to an object of the target, by the identity it has there. */
function dumpIdsByIdentity(
  fromDump: readonly RunnableObject[],
  names: SchemaNames | null,
): (identity: string) => string | undefined {
  const ids = new Map(fromDump.map(({ identity, id }) => [identity, id]));
  if (names === null) return (identity) => ids.get(identity);
  const renamed = { left: names.source, right: names.target };
  // The dump's identities are renamed there and back too, because the server may quote a schema's name where we do
  // not.
  const there = new Map(
    [...ids].map(([identity, id]) => [renamedIdentity(renamedIdentity(identity, renamed), renamed), id]),
  );
  // Schema public has no object of its own, but the schema it becomes has one in the target, with its owner and
  // grants.
  const schema = `schema ${displayName(names.target)}`;
  const own = new Set([schema, `owner of ${schema}`, `privileges on ${schema}`, `comment on ${schema}`]);
  return (identity) =>
    there.get(renamedIdentity(identity, renamed)) ?? (own.has(identity) ? `source/${identity}` : undefined);
}

/** Owner, grants, comment and default privileges of schema public itself. */
export function isOfPublicSchema({
  kind,
  schema,
  identity,
}: Pick<RunnableObject, 'kind' | 'schema' | 'identity'>): boolean {
  if (schema !== publicSchema) return false;
  const own = [`owner of schema public`, `privileges on schema public`, `comment on schema public`];
  return own.includes(identity) || (kind === 'privileges' && identity.startsWith('default privileges '));
}

function refuseUnsupported(target: CatalogModel, kept: ReadonlySet<string>): void {
  const parts = target.unsupported
    .filter(({ table }) => table !== null && kept.has(table))
    .map(unsupportedText);
  if (parts.length === 0) return;
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `Tables that must be kept have ${parts.length} part(s) that cannot be carried: ${parts.join('; ')}.`,
    {
      details: { objects: parts },
    },
  );
}
