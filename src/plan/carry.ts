import type { CatalogModel, CatalogObject, CatalogTable } from '../catalog/model.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import { tablePolicies, withParts } from './table-policies.ts';
import type { RunnableObject } from './runnable-object.ts';

export interface Carried {
  /** Objects of the target that go along, with ids that cannot meet the dump's. */
  readonly objects: readonly RunnableObject[];
  /** Their tables with rows. */
  readonly tables: readonly CatalogTable[];
  /** The id under which an object of the target appears in the new database's plan. */
  readonly idOf: (targetId: string) => string;
}

/**
 * Tables of the target that must stay although the dump has no such table: excluded ones, and preserved ones that the
 * source does not have. They go along with all their parts and with whatever of the target they need that the dump does
 * not bring (by identity). TARGET_KEPT_TABLE when one needs a table with rows that the new database will not have.
 */
export function carryFromTarget(
  fromDump: readonly RunnableObject[],
  target: CatalogModel,
  rules: readonly TablePolicyRule[],
): Carried {
  const dumpIds = new Map(fromDump.map(({ identity, id }) => [identity, id]));
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const policies = tablePolicies(target.objects, rules);
  const roots = target.objects.filter(
    ({ id, identity }) =>
      (policies.get(id) === 'exclude' || policies.get(id) === 'preserve') && !dumpIds.has(identity),
  );
  refuseUnsupported(target, new Set(roots.map(({ id }) => id)));

  const chosen = new Set<string>();
  const open: CatalogObject[] = [];
  const take = (id: string): void => {
    for (const part of withParts(target.objects, new Set([id]))) {
      const object = byId.get(part);
      if (object === undefined || chosen.has(part) || dumpIds.has(object.identity)) continue;
      chosen.add(part);
      open.push(object);
    }
  };
  const rootIds = new Set(roots.map(({ id }) => id));
  for (const id of rootIds) take(id);
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    for (const id of object.dependsOn) {
      const needed = byId.get(id);
      if (needed === undefined || chosen.has(id) || dumpIds.has(needed.identity)) continue;
      if (needed.kind === 'table' && !rootIds.has(id)) {
        throw new SyncError(
          'TARGET_KEPT_TABLE',
          `${object.identity} must be kept and needs ${needed.identity}, which the source does not have.`,
        );
      }
      take(id);
    }
  }

  const newId = (id: string): string => dumpIds.get(byId.get(id)?.identity ?? '') ?? `target/${id}`;
  const objects = target.objects
    .filter(({ id }) => chosen.has(id))
    .map(({ dropSql: _dropSql, ...object }) => ({
      ...object,
      id: newId(object.id),
      dependsOn: object.dependsOn.map(newId),
      partOf: object.partOf === null ? null : newId(object.partOf),
      locks: object.locks.map(({ table, mode }) => ({ table: newId(table), mode })),
      roles: [...object.roles],
    }));
  return { objects, tables: target.tables.filter(({ id }) => chosen.has(id)), idOf: newId };
}

function refuseUnsupported(target: CatalogModel, kept: ReadonlySet<string>): void {
  const parts = target.unsupported
    .filter(({ table }) => table !== null && kept.has(table))
    .map(({ identity }) => identity);
  if (parts.length === 0) return;
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `Tables that must be kept have ${parts.length} part(s) that cannot be carried yet: ${parts.join(', ')}.`,
    {
      details: { objects: parts },
    },
  );
}
