import { isSchemaAsSuch, renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import { isOfPublicSchema, publicSchema } from '../catalog/schemas/public-schema.ts';
import { unsupportedText } from '../catalog/unsupported/unsupported.ts';
import type { CatalogModel, CatalogObject, CatalogTable } from '../catalog/model.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import { rulesOf } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { tablePolicies, withParts } from './table-policies.ts';
import type { RunnableObject } from './runnable-object.ts';

export interface FromTarget {
  /** Objects that come from the target, with ids that differ from all of the dump's. */
  readonly objects: readonly RunnableObject[];
  /** Their tables with rows. */
  readonly tables: readonly CatalogTable[];
  /** The id under which an object of the target appears in the new database's plan. */
  readonly idOf: (targetId: string) => string;
}

/**
 * Tables of the target that must stay although the dump has no such table: excluded ones, and preserved ones that the
 * source does not have. They come with all their parts, and with everything they need in the target that
 * the dump does not bring (compared by identity, whatever the schema is called there). Their statements stay in the
 * target's names. TARGET_KEPT_TABLE when one needs a table with rows that the new database will not have.
 */
export function takeFromTarget(
  fromDump: readonly RunnableObject[],
  target: CatalogModel,
  rules: readonly TablePolicyRule[],
  {
    names,
    staying,
    again,
  }: {
    readonly names: SchemaNames | null;
    readonly staying: ReadonlySet<string>;
    /** Ids of other objects that are made again as they are. */
    readonly again: ReadonlySet<string>;
  },
): FromTarget {
  const dumpIdOf = dumpIdsByIdentity(fromDump, names);
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const policies = tablePolicies(target.objects, rulesOf(rules, names, 'target'));
  const roots = target.objects.filter(
    (object) =>
      (policies.get(object.id) === 'exclude' || policies.get(object.id) === 'preserve') &&
      dumpIdOf(object) === undefined,
  );
  refuseUnsupported(target, new Set(roots.map(({ id }) => id)));
  // The target's schema public stays as it is if the source's objects go into a schema of another name.
  if (names?.source === publicSchema) roots.push(...target.objects.filter(isOfPublicSchema));

  roots.push(...target.objects.filter(({ id }) => again.has(id)));

  const chosen = new Set<string>();
  const open: CatalogObject[] = [];
  const take = (id: string): void => {
    for (const part of withParts(target.objects, new Set([id]))) {
      const object = byId.get(part);
      if (object === undefined || chosen.has(part) || staying.has(part) || dumpIdOf(object) !== undefined)
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
      if (needed === undefined || chosen.has(id) || staying.has(id) || dumpIdOf(needed) !== undefined)
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

  const newId = (id: string): string => {
    const object = byId.get(id);
    return (object === undefined ? undefined : dumpIdOf(object)) ?? idFromTarget(id);
  };
  const objects = target.objects
    .filter(({ id }) => chosen.has(id))
    .map(({ dropSql: _dropSql, outside: _outside, ...object }) => ({
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

/** Differs from all ids of a dump. */
export function idFromTarget(id: string): string {
  return `target/${id}`;
}

/** The object of the dump that corresponds to an object of the target, by the identity it has there. */
function dumpIdsByIdentity(
  fromDump: readonly RunnableObject[],
  names: SchemaNames | null,
): (object: CatalogObject) => string | undefined {
  const ids = new Map(fromDump.map(({ identity, id }) => [identity, id]));
  if (names === null) return ({ identity }) => ids.get(identity);
  const renamed = { left: names.source, right: names.target };
  // The dump's identities are renamed there and back too, because the server may quote a schema's name where we do
  // not.
  const there = new Map(
    [...ids].map(([identity, id]) => [renamedIdentity(renamedIdentity(identity, renamed), renamed), id]),
  );
  // Schema public has no object of its own, but the schema it becomes has one in the target, with its owner and
  // grants.
  return (object) =>
    there.get(renamedIdentity(object.identity, renamed)) ??
    (isSchemaAsSuch(object, names.target) ? `source/${object.identity}` : undefined);
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
